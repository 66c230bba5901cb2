"""How sure the answers were, and how often they were right then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.metrics import METRICS, Score, evaluate
from mien.metrics.calibration import reliability
from mien.scoring.result import Options

BINS = 10
SLOW = 20_000_000
"""Items times rounds above which a metric that is computed anew in each round gets no interval."""


@dataclass(frozen=True, slots=True)
class Sure:
    """said: confidence in the answer, in [0, 1]; odds: the whole distribution or {}; truth: the true label."""

    said: float
    odds: Mapping[str, float]
    truth: str


Answers = Sequence[tuple[Sure | None, bool]]


def rounds_for(metric: str, items: int, options: Options) -> int:
    """The bootstrap rounds, 0 where they would take minutes."""
    slow = METRICS[metric].sums is None and items * options.rounds > SLOW
    return 0 if slow else options.rounds


def calibration(answers: Answers) -> tuple[tuple[float, float, int], ...]:
    """(mean confidence, share right, n) of ten equally wide bins of confidence, empty bins left out."""
    known = [(sure.said, right) for sure, right in answers if sure is not None]
    if not known:
        return ()
    said, right = (np.asarray(column, dtype=float) for column in zip(*known, strict=True))
    return tuple((one.confidence, one.accuracy, one.count) for one in reliability(right, said, bins=BINS))


def sure_scores(answers: Answers, groups: Sequence[str] | None, options: Options) -> tuple[Score, ...]:
    """Calibration error of the confidences (ten bins); with whole distributions also Brier score and log loss."""
    known = [at for at, (sure, _) in enumerate(answers) if sure is not None]
    if not known:
        return ()
    sures, rights = [answers[at][0] for at in known], [int(answers[at][1]) for at in known]
    some = None if groups is None else [groups[at] for at in known]
    said = np.array([sure.said for sure in sures if sure is not None])
    scores = [_evaluate("ece", rights, said, some, options, bins=BINS)]
    if all(sure is not None and sure.odds for sure in sures):
        truths = [sure.truth for sure in sures if sure is not None]
        labels = sorted({*truths, *(name for sure in sures if sure is not None for name in sure.odds)})
        table = [[sure.odds.get(name, 0.0) for name in labels] for sure in sures if sure is not None]
        scores += [
            _evaluate(one, truths, np.array(table), some, options, labels=labels) for one in ("brier", "log_loss")
        ]
    return tuple(scores)


def _evaluate(
    metric: str, truth: Any, prediction: Any, groups: Sequence[str] | None, options: Options, **given: Any
) -> Score:
    rounds = rounds_for(metric, len(prediction), options)
    groups = groups if groups is not None and len(set(groups)) > 1 else None
    return evaluate(metric, truth, prediction, groups=groups, rounds=rounds, rng=options.seed, **given)


def share_floor(answers: Answers) -> tuple[Score, ...]:
    """What the class shares of the truth reach as the probabilities of every sample; () without distributions."""
    truths = [sure.truth for sure, _ in answers if sure is not None and sure.odds]
    if not truths:
        return ()
    labels = sorted(set(truths))
    row = np.array([truths.count(label) / len(truths) for label in labels])
    table = np.tile(row, (len(truths), 1))
    if len(labels) < 2:
        return ()
    return tuple(evaluate(metric, truths, table, labels=labels, rounds=0) for metric in ("brier", "log_loss"))
