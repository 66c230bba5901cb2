"""Scores that should rank positives first: ROC-AUC and average precision, for one label and for many.

A label without positives or without negatives has no ROC curve, one without positives no precision-recall curve: it is
left out of a macro mean by default; `undefined="library"` counts it as torchmetrics does (0; average precision 1 where
all are positive), which published tag tables use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_labels, as_matrix, as_numbers, is_label, same_length
from mien.metrics.metric import metric
from mien.metrics.probabilities import truth_columns
from mien.metrics.sums import Sums
from mien.metrics.weighted import Levels, precision_area, roc_area, weighted
from mien.metrics.zeros_ones import zeros_ones

Undefined = Literal["skip", "library"]
Area = Callable[[Levels, NDArray[np.bool_], Numbers], float]
LabelNames = Iterable[str] | None


def _one_label(truth: Any, prediction: Any, positive: Any, area: Area) -> Sums:
    labels, scores = as_labels(truth, name="truth"), as_numbers(prediction, name="prediction")
    same_length(labels, scores, names=("truth", "prediction"))
    if len(set(labels.tolist())) > 2:
        raise RequestError("truth: more than two labels; scores of one label rank two classes only")
    found, levels = is_label(labels, positive), Levels.of(scores)
    return weighted(len(labels), lambda weights: area(levels, found, weights))


def _labels(truth: Any, prediction: Any, undefined: Undefined, labels: LabelNames, area: Area) -> Sums:
    gold, scores = zeros_ones(truth, name="truth"), as_matrix(prediction, name="prediction")
    if gold.shape != scores.shape:
        raise RequestError(f"truth has the shape {gold.shape}, prediction {scores.shape}; they must agree")
    return _columns(gold > 0, scores, undefined, labels, area)


def _columns(gold: NDArray[np.bool_], scores: Numbers, undefined: Undefined, labels: LabelNames, area: Area) -> Sums:
    """The mean over columns of each one's area; the areas are the parts."""
    if undefined not in ("skip", "library"):
        raise RequestError(f"undefined: {undefined!r}; allowed: skip, library")
    names = tuple(map(str, labels)) if labels is not None else tuple(map(str, range(gold.shape[1])))
    if len(names) != gold.shape[1]:
        raise RequestError(f"labels: {len(names)} names for {gold.shape[1]} columns")
    columns = [(Levels.of(column), found) for column, found in zip(scores.T, gold.T, strict=True)]

    def parts(weights: Numbers) -> Numbers:
        values = np.array([area(levels, found, weights) for levels, found in columns])
        return np.nan_to_num(values) if undefined == "library" else values

    sums = weighted(len(gold), lambda weights: _mean(parts(weights)), parts)
    return replace(sums, names=names)


def _mean(values: Numbers) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _roc(truth: Any, prediction: Any, *, positive: Any = 1) -> Sums:
    return _one_label(truth, prediction, positive, roc_area)


@metric(
    "roc_auc",
    kind="probability",
    better="higher",
    formula="P(score of a positive > score of a negative) + P(equal) / 2",
    reference="Hanley and McNeil 1982; scikit-learn roc_auc_score",
    undefined="the truth has positives only or none",
    sums=_roc,
)
def roc_auc(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """Chance that a positive item is scored above a negative one, ties half.

    truth: (n,) labels; prediction: (n,) scores; positive: the label the scores are for. In [0, 1], 0.5 by chance.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    return _roc(truth, prediction, positive=positive).whole()


def _precision(truth: Any, prediction: Any, *, positive: Any = 1) -> Sums:
    return _one_label(truth, prediction, positive, precision_area)


@metric(
    "average_precision",
    kind="probability",
    better="higher",
    formula="sum over thresholds of (recall step) x precision",
    reference="scikit-learn average_precision_score (PR-AUC without interpolation)",
    undefined="the truth has no positive item",
    sums=_precision,
)
def average_precision(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """Area under the precision-recall steps (AP, PR-AUC); by chance it is the share of positives.

    truth: (n,) labels; prediction: (n,) scores; positive: the label the scores are for. In [0, 1].
    """
    return _precision(truth, prediction, positive=positive).whole()


def _roc_macro(truth: Any, prediction: Any, *, undefined: Undefined = "skip", labels: LabelNames = None) -> Sums:
    return _labels(truth, prediction, undefined, labels, roc_area)


@metric(
    "roc_auc_macro",
    kind="multilabel",
    better="higher",
    formula="mean of ROC-AUC over labels",
    reference="MTG-Jamendo moodtheme task; torchmetrics MultilabelAUROC",
    undefined="no label has both positives and negatives",
    sums=_roc_macro,
)
def roc_auc_macro(truth: Any, prediction: Any, *, undefined: Undefined = "skip", labels: LabelNames = None) -> float:
    """ROC-AUC of each label, averaged.

    truth: (n, k) zeros and ones; prediction: (n, k) scores; undefined: what labels without a curve count; labels:
    names of the columns. In [0, 1].
    """
    return _roc_macro(truth, prediction, undefined=undefined, labels=labels).whole()


def _precision_macro(truth: Any, prediction: Any, *, undefined: Undefined = "skip", labels: LabelNames = None) -> Sums:
    return _labels(truth, prediction, undefined, labels, precision_area)


@metric(
    "average_precision_macro",
    kind="multilabel",
    better="higher",
    formula="mean of average precision over labels",
    reference="MTG-Jamendo moodtheme task; torchmetrics MultilabelAveragePrecision",
    undefined="no label has positives",
    sums=_precision_macro,
)
def average_precision_macro(
    truth: Any, prediction: Any, *, undefined: Undefined = "skip", labels: LabelNames = None
) -> float:
    """Average precision of each label, averaged (macro PR-AUC, mAP).

    truth: (n, k) zeros and ones; prediction: (n, k) scores; undefined: what labels without positives count; labels:
    names of the columns. In [0, 1].
    """
    return _precision_macro(truth, prediction, undefined=undefined, labels=labels).whole()


def _roc_classes(truth: Any, prediction: Any, *, labels: Iterable[Any] | None = None) -> Sums:
    scores = as_matrix(prediction, name="prediction")
    names = None if labels is None else list(labels)
    columns = truth_columns(truth, scores.shape[1], names)
    same_length(columns, scores, names=("truth", "prediction"))
    gold = columns[:, None] == np.arange(scores.shape[1])
    return _columns(gold, scores, "skip", names, roc_area)


@metric(
    "roc_auc_classes",
    kind="probability",
    better="higher",
    formula="mean over classes of the ROC-AUC of the class against the rest",
    reference="Provost and Domingos 2000; scikit-learn roc_auc_score(multi_class='ovr', average='macro')",
    undefined="the truth holds one class only",
    sums=_roc_classes,
)
def roc_auc_classes(truth: Any, prediction: Any, *, labels: Iterable[Any] | None = None) -> float:
    """ROC-AUC of each class against the rest, averaged over the classes that have items.

    truth: (n,) labels; prediction: (n, k) scores with `labels` as columns. In [0, 1], 0.5 by chance.
    """
    return _roc_classes(truth, prediction, labels=labels).whole()


def roc_auc_per_label(truth: Any, prediction: Any, *, undefined: Undefined = "skip") -> Numbers:
    """ROC-AUC of each column (k,); NaN ("skip") or 0 ("library") where a label has one side only."""
    return _roc_macro(truth, prediction, undefined=undefined).whole_parts()


def average_precision_per_label(truth: Any, prediction: Any, *, undefined: Undefined = "skip") -> Numbers:
    """Average precision of each column (k,); NaN ("skip") or 0 ("library") where a label has no positives."""
    return _precision_macro(truth, prediction, undefined=undefined).whole_parts()
