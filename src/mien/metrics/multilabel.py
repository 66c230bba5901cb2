"""Several labels an item: F1 in four means, exact matches, Hamming, Jaccard, the MOSEI weighted accuracy.

Truth and prediction are (n, k) zeros and ones; `binarised` makes them from shares or scores. A label that is in neither
truth nor prediction has no F1: it is left out ("skip"), or counts as 0 (`absent="zero"`, scikit-learn's
zero_division=0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers
from mien.metrics.confusion import Absent, class_mean
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, mean_of, ratio
from mien.metrics.zeros_ones import zeros_ones

LabelNames = Iterable[str] | None
SKLEARN = "scikit-learn, multilabel f1_score"


def _tables(truth: Any, prediction: Any) -> tuple[Numbers, Numbers]:
    first, second = zeros_ones(truth, name="truth"), zeros_ones(prediction, name="prediction")
    if first.shape != second.shape:
        raise RequestError(f"truth has the shape {first.shape}, prediction {second.shape}; they must agree")
    return first, second


def _counts(
    truth: Any,
    prediction: Any,
    value: Callable[[Numbers], Numbers],
    parts: Callable[[Numbers], Numbers],
    labels: LabelNames,
) -> Sums:
    """A metric of found, missed, wrong, rest per label: `value` and `parts` take them as (..., 4, k)."""
    first, second = _tables(truth, prediction)
    k = first.shape[1]
    names = tuple(labels) if labels is not None else tuple(map(str, range(k)))
    if len(names) != k:
        raise RequestError(f"labels: {len(names)} names for {k} columns")
    rows = np.stack([first * second, first * (1 - second), (1 - first) * second, (1 - first) * (1 - second)], axis=1)

    def folded(measure: Callable[[Numbers], Numbers]) -> Callable[[Numbers], Numbers]:
        return lambda totals: measure(totals.reshape(*totals.shape[:-1], 4, k))

    flat = rows.reshape(len(rows), 4 * k)
    return Sums(np.arange(len(rows)), flat, 4 * k, folded(value), folded(parts), names)


def _f1s(counts: Numbers) -> Numbers:
    found, missed, wrong = counts[..., 0, :], counts[..., 1, :], counts[..., 2, :]
    return ratio(2 * found, 2 * found + missed + wrong)


def _macro(truth: Any, prediction: Any, *, absent: Absent = "skip", labels: LabelNames = None) -> Sums:
    return _counts(truth, prediction, lambda counts: class_mean(_f1s(counts), absent), _f1s, labels)


@metric(
    "multilabel_macro_f1",
    kind="multilabel",
    better="higher",
    formula="mean over labels of 2 tp / (2 tp + fp + fn)",
    reference=f"{SKLEARN}(average='macro')",
    undefined="no label occurs on either side",
    sums=_macro,
)
def multilabel_macro_f1(truth: Any, prediction: Any, *, absent: Absent = "skip", labels: LabelNames = None) -> float:
    """F1 of each label, averaged over the labels that occur.

    truth, prediction: (n, k) zeros and ones; labels: names of the columns. In [0, 1].
    """
    return _macro(truth, prediction, absent=absent, labels=labels).whole()


def _micro(truth: Any, prediction: Any, *, labels: LabelNames = None) -> Sums:
    return _counts(truth, prediction, lambda counts: _f1s(counts.sum(axis=-1, keepdims=True))[..., 0], _f1s, labels)


@metric(
    "multilabel_micro_f1",
    kind="multilabel",
    better="higher",
    formula="2 sum tp / (2 sum tp + sum fp + sum fn)",
    reference=f"{SKLEARN}(average='micro')",
    undefined="no label occurs on either side",
    sums=_micro,
)
def multilabel_micro_f1(truth: Any, prediction: Any, *, labels: LabelNames = None) -> float:
    """F1 of all cells pooled.

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _micro(truth, prediction, labels=labels).whole()


def _weighted(truth: Any, prediction: Any, *, labels: LabelNames = None) -> Sums:
    def value(counts: Numbers) -> Numbers:
        support = counts[..., 0, :] + counts[..., 1, :]
        return ratio((np.nan_to_num(_f1s(counts)) * support).sum(axis=-1), support.sum(axis=-1))

    return _counts(truth, prediction, value, _f1s, labels)


@metric(
    "multilabel_weighted_f1",
    kind="multilabel",
    better="higher",
    formula="sum over labels of support_l / sum support x F1_l",
    reference=f"{SKLEARN}(average='weighted')",
    undefined="the truth names no label at all",
    sums=_weighted,
)
def multilabel_weighted_f1(truth: Any, prediction: Any, *, labels: LabelNames = None) -> float:
    """F1 of each label, weighted by how often the truth names it.

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _weighted(truth, prediction, labels=labels).whole()


def _balanced(truth: Any, prediction: Any, *, labels: LabelNames = None) -> Sums:
    def parts(counts: Numbers) -> Numbers:
        found, missed, wrong, rest = np.moveaxis(counts, -2, 0)
        return (ratio(found, found + missed) + ratio(rest, rest + wrong)) / 2

    return _counts(truth, prediction, lambda counts: class_mean(parts(counts), "skip"), parts, labels)


@metric(
    "multilabel_weighted_accuracy",
    kind="multilabel",
    better="higher",
    formula="mean over labels of (tp n/p + tn) / 2n",
    reference="Zadeh et al. 2018 (MOSEI emotions); the balanced accuracy of each label",
    undefined="no label has both positives and negatives",
    sums=_balanced,
)
def multilabel_weighted_accuracy(truth: Any, prediction: Any, *, labels: LabelNames = None) -> float:
    """Balanced accuracy of each label, averaged over the labels that have positives and negatives (MOSEI WA).

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _balanced(truth, prediction, labels=labels).whole()


def _subset(truth: Any, prediction: Any) -> Sums:
    first, second = _tables(truth, prediction)
    return mean_of((first == second).all(axis=1).astype(np.float64))


@metric(
    "subset_accuracy",
    kind="multilabel",
    better="higher",
    formula="share of items with every label right",
    reference="exact match ratio; scikit-learn accuracy_score",
    sums=_subset,
)
def subset_accuracy(truth: Any, prediction: Any) -> float:
    """Share of items whose labels are all right (exact match).

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _subset(truth, prediction).whole()


def _hamming(truth: Any, prediction: Any) -> Sums:
    first, second = _tables(truth, prediction)
    return mean_of((first != second).mean(axis=1))


@metric(
    "hamming_loss",
    kind="multilabel",
    better="lower",
    formula="share of wrong cells",
    reference="scikit-learn hamming_loss",
    sums=_hamming,
)
def hamming_loss(truth: Any, prediction: Any) -> float:
    """Share of item and label pairs that are wrong; easy where labels are rare.

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _hamming(truth, prediction).whole()


def _overlap(truth: Any, prediction: Any, both: float) -> Numbers:
    first, second = _tables(truth, prediction)
    shared, union = (first * second).sum(axis=1), np.maximum(first, second).sum(axis=1)
    return np.where(union > 0, (1 + both) * shared / np.maximum(union + both * shared, 1), 1.0)


def _jaccard(truth: Any, prediction: Any) -> Sums:
    return mean_of(_overlap(truth, prediction, 0))


@metric(
    "jaccard_samples",
    kind="multilabel",
    better="higher",
    formula="mean over items of |truth and prediction| / |truth or prediction|",
    reference="multi-label accuracy of SemEval-2018 task 1; Godbole and Sarawagi 2004",
    sums=_jaccard,
)
def jaccard_samples(truth: Any, prediction: Any) -> float:
    """Overlap of the two label sets of each item, averaged; two empty sets agree (1).

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _jaccard(truth, prediction).whole()


def _samples(truth: Any, prediction: Any) -> Sums:
    return mean_of(_overlap(truth, prediction, 1))


@metric(
    "samples_f1",
    kind="multilabel",
    better="higher",
    formula="mean over items of 2 |truth and prediction| / (|truth| + |prediction|)",
    reference=f"{SKLEARN}(average='samples', zero_division=1)",
    sums=_samples,
)
def samples_f1(truth: Any, prediction: Any) -> float:
    """F1 of the two label sets of each item, averaged; two empty sets agree (1).

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _samples(truth, prediction).whole()


def _samples_precision(truth: Any, prediction: Any) -> Sums:
    wanted, named = _tables(truth, prediction)
    shared, said = (wanted * named).sum(axis=1), named.sum(axis=1)
    return mean_of(np.divide(shared, said, out=np.zeros(len(said)), where=said > 0))


@metric(
    "samples_precision",
    kind="multilabel",
    better="higher",
    formula="mean over items of |truth and prediction| / |prediction|, 0 where nothing is predicted",
    reference="scikit-learn precision_score(average='samples', zero_division=0)",
    sums=_samples_precision,
)
def samples_precision(truth: Any, prediction: Any) -> float:
    """Share of the labels an answer names that are right, averaged over items; naming all labels makes it small.

    truth, prediction: (n, k) zeros and ones. In [0, 1].

    >>> samples_precision([[1, 0, 0], [1, 1, 0]], [[1, 1, 1], [0, 0, 0]])
    0.16666666666666666
    """
    return _samples_precision(truth, prediction).whole()
