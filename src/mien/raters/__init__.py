"""Raters: from votes to targets, agreement between raters, and what a human ceiling is.

>>> from mien.raters import Votes
>>> votes = Votes.of([["joy", "joy", "fear"], ["fear", "fear", "fear"]], labels=["joy", "fear"])
>>> votes.targets("plurality").names()
['joy', 'fear']
>>> print(votes.agreement(rounds=0)["alpha_nominal"])
alpha_nominal 0.375 (items=2)
"""

from __future__ import annotations

from mien.raters.agreement import Agreement, pair_agreement
from mien.raters.alpha import alpha_per_label, krippendorff_alpha
from mien.raters.ceiling import Ceiling, human_ceiling
from mien.raters.heads import RaterLoss, fused, rater_accuracy, rater_loss, rater_targets
from mien.raters.kappa import cohen_kappa, fleiss_kappa, randolph_kappa
from mien.raters.levels import LevelSummary, level_summary
from mien.raters.losses import class_balanced_weights, effective_number, samples_per_class, soft_loss
from mien.raters.penalty import cooccurrence, cooccurrence_weights, penalised_loss, penalty_matrix
from mien.raters.quality import RaterQuality, rater_quality
from mien.raters.read import read_votes
from mien.raters.reliability import ICC_FORMS, cronbach_alpha, icc, icc_one_way
from mien.raters.soft import multihot, shares, smooth, with_prior
from mien.raters.summary import agreement, best_answer
from mien.raters.targets import RULES, LossReport, Targets, nested, per_rater, targets
from mien.raters.votes import Votes
from mien.raters.weighted import EvaluatorWeighted, evaluator_weighted

__all__ = [
    "ICC_FORMS",
    "RULES",
    "Agreement",
    "Ceiling",
    "EvaluatorWeighted",
    "LevelSummary",
    "LossReport",
    "RaterLoss",
    "RaterQuality",
    "Targets",
    "Votes",
    "agreement",
    "alpha_per_label",
    "best_answer",
    "class_balanced_weights",
    "cohen_kappa",
    "cooccurrence",
    "cooccurrence_weights",
    "cronbach_alpha",
    "effective_number",
    "evaluator_weighted",
    "fleiss_kappa",
    "fused",
    "human_ceiling",
    "icc",
    "icc_one_way",
    "krippendorff_alpha",
    "level_summary",
    "multihot",
    "nested",
    "pair_agreement",
    "penalised_loss",
    "penalty_matrix",
    "per_rater",
    "randolph_kappa",
    "rater_accuracy",
    "rater_loss",
    "rater_quality",
    "rater_targets",
    "read_votes",
    "samples_per_class",
    "shares",
    "smooth",
    "soft_loss",
    "targets",
    "with_prior",
]
