"""Scores that should rank positives first: ROC-AUC and average precision, for one label and for many.

A label without positives or without negatives has no ROC curve, one without positives no precision-recall curve: it is
left out of a macro mean by default; `undefined="library"` counts it as torchmetrics does (0; average precision 1 where
all are positive), which published tag tables use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_labels, as_matrix, as_numbers, is_label, same_length
from mien.metrics.metric import metric
from mien.metrics.ranks import average_ranks
from mien.metrics.zeros_ones import zeros_ones

Undefined = Literal["skip", "library"]
Curve = Callable[[NDArray[np.bool_], Numbers], float]


@metric(
    "roc_auc",
    kind="probability",
    better="higher",
    formula="P(score of a positive > score of a negative) + P(equal) / 2",
    reference="Hanley and McNeil 1982; scikit-learn roc_auc_score",
    undefined="the truth has positives only or none",
)
def roc_auc(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """Chance that a positive item is scored above a negative one, ties half.

    truth: (n,) labels; prediction: (n,) scores; positive: the label the scores are for. In [0, 1], 0.5 by chance.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    return _roc(*_sides(truth, prediction, positive))


@metric(
    "average_precision",
    kind="probability",
    better="higher",
    formula="sum over thresholds of (recall step) x precision",
    reference="scikit-learn average_precision_score (PR-AUC without interpolation)",
    undefined="the truth has no positive item",
)
def average_precision(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """Area under the precision-recall steps (AP, PR-AUC); by chance it is the share of positives.

    truth: (n,) labels; prediction: (n,) scores; positive: the label the scores are for. In [0, 1].
    """
    return _precision_area(*_sides(truth, prediction, positive))


@metric(
    "roc_auc_macro",
    kind="multilabel",
    better="higher",
    formula="mean of ROC-AUC over labels",
    reference="MTG-Jamendo moodtheme task; torchmetrics MultilabelAUROC",
    undefined="no label has both positives and negatives",
)
def roc_auc_macro(truth: Any, prediction: Any, *, undefined: Undefined = "skip") -> float:
    """ROC-AUC of each label, averaged.

    truth: (n, k) zeros and ones; prediction: (n, k) scores; undefined: what labels without a curve count. In [0, 1].
    """
    return _macro(roc_auc_per_label(truth, prediction, undefined=undefined))


@metric(
    "average_precision_macro",
    kind="multilabel",
    better="higher",
    formula="mean of average precision over labels",
    reference="MTG-Jamendo moodtheme task; torchmetrics MultilabelAveragePrecision",
    undefined="no label has positives",
)
def average_precision_macro(truth: Any, prediction: Any, *, undefined: Undefined = "skip") -> float:
    """Average precision of each label, averaged (macro PR-AUC, mAP).

    truth: (n, k) zeros and ones; prediction: (n, k) scores; undefined: what labels without positives count. In [0, 1].
    """
    return _macro(average_precision_per_label(truth, prediction, undefined=undefined))


def roc_auc_per_label(truth: Any, prediction: Any, *, undefined: Undefined = "skip") -> Numbers:
    """ROC-AUC of each column (k,); NaN ("skip") or 0 ("library") where a label has one side only."""
    return _per_label(truth, prediction, _roc, undefined)


def average_precision_per_label(truth: Any, prediction: Any, *, undefined: Undefined = "skip") -> Numbers:
    """Average precision of each column (k,); NaN ("skip") or 0 ("library") where a label has no positives."""
    return _per_label(truth, prediction, _precision_area, undefined)


def _sides(truth: Any, prediction: Any, positive: Any) -> tuple[NDArray[np.bool_], Numbers]:
    labels, scores = as_labels(truth, name="truth"), as_numbers(prediction, name="prediction")
    same_length(labels, scores, names=("truth", "prediction"))
    if len(set(labels.tolist())) > 2:
        raise RequestError("truth: more than two labels; scores of one label rank two classes only")
    return is_label(labels, positive), scores


def _per_label(truth: Any, prediction: Any, curve: Curve, undefined: Undefined) -> Numbers:
    if undefined not in ("skip", "library"):
        raise RequestError(f"undefined: {undefined!r}; allowed: skip, library")
    gold, scores = zeros_ones(truth, name="truth"), as_matrix(prediction, name="prediction")
    if gold.shape != scores.shape:
        raise RequestError(f"truth has the shape {gold.shape}, prediction {scores.shape}; they must agree")
    values = np.array([curve(one > 0, column) for one, column in zip(gold.T, scores.T, strict=True)])
    return np.nan_to_num(values) if undefined == "library" else values


def _macro(values: Numbers) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _roc(positive: NDArray[np.bool_], scores: Numbers) -> float:
    found, rest = int(positive.sum()), int((~positive).sum())
    if not found or not rest:
        return float("nan")
    above = average_ranks(scores)[positive].sum() - found * (found + 1) / 2
    return float(above / (found * rest))


def _precision_area(positive: NDArray[np.bool_], scores: Numbers) -> float:
    found = int(positive.sum())
    if not found:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(positive[order])[ends]
    return float((np.diff(hits, prepend=0) * hits / (ends + 1)).sum() / found)
