"""Several labels an item, ranked by score: ranking loss, coverage, label ranking average precision.

Items whose truth names no label, or every label, follow scikit-learn: no ranking loss, coverage 0 (or k), precision 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_matrix
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, mean_of
from mien.metrics.zeros_ones import zeros_ones


def _tables(truth: Any, prediction: Any) -> tuple[Numbers, Numbers]:
    gold, scores = zeros_ones(truth, name="truth"), as_matrix(prediction, name="prediction")
    if gold.shape != scores.shape:
        raise RequestError(f"truth has the shape {gold.shape}, prediction {scores.shape}; they must agree")
    return gold, scores


def _at_or_above(weights: Numbers, scores: Numbers) -> Numbers:
    """For each cell (n, k): the sum of `weights` over the item's labels scored at least as high."""
    higher = scores[:, None, :] >= scores[:, :, None]
    return np.asarray((higher * weights[:, None, :]).sum(axis=2))


def _loss(truth: Any, prediction: Any) -> Sums:
    gold, scores = _tables(truth, prediction)
    wrong = (_at_or_above(1 - gold, scores) * gold).sum(axis=1)
    pairs = gold.sum(axis=1) * (1 - gold).sum(axis=1)
    return mean_of(wrong / np.maximum(pairs, 1))


@metric(
    "ranking_loss",
    kind="multilabel",
    better="lower",
    formula="mean over items of the share of (named, not named) pairs with the second scored at least as high",
    reference="Tsoumakas, Katakis, Vlahavas 2010; scikit-learn label_ranking_loss",
    sums=_loss,
)
def ranking_loss(truth: Any, prediction: Any) -> float:
    """Share of label pairs in the wrong order, averaged over items; a tie counts as wrong.

    truth: (n, k) zeros and ones; prediction: (n, k) scores. In [0, 1].
    """
    return _loss(truth, prediction).whole()


def _coverage(truth: Any, prediction: Any) -> Sums:
    gold, scores = _tables(truth, prediction)
    lowest = np.where(gold > 0, scores, np.inf).min(axis=1, keepdims=True)
    return mean_of((scores >= lowest).sum(axis=1).astype(np.float64))


@metric(
    "coverage_error",
    kind="multilabel",
    better="lower",
    formula="mean over items of the rank of the lowest-scored named label",
    reference="Tsoumakas, Katakis, Vlahavas 2010; scikit-learn coverage_error",
    sums=_coverage,
)
def coverage_error(truth: Any, prediction: Any) -> float:
    """How far down the ranking one must go, on average, to have every named label.

    truth: (n, k) zeros and ones; prediction: (n, k) scores. At best the mean number of named labels, at worst k.
    """
    return _coverage(truth, prediction).whole()


def _lrap(truth: Any, prediction: Any) -> Sums:
    gold, scores = _tables(truth, prediction)
    precision = _at_or_above(gold, scores) / _at_or_above(np.ones_like(gold), scores)
    named = gold.sum(axis=1)
    return mean_of(np.where(named > 0, (precision * gold).sum(axis=1) / np.maximum(named, 1), 1.0))


@metric(
    "label_ranking_precision",
    kind="multilabel",
    better="higher",
    formula="mean over items and named labels of (named labels ranked at least as high) / rank",
    reference="scikit-learn label_ranking_average_precision_score (LRAP)",
    sums=_lrap,
)
def label_ranking_precision(truth: Any, prediction: Any) -> float:
    """For each named label, how many of the labels above it are named too; averaged (LRAP).

    truth: (n, k) zeros and ones; prediction: (n, k) scores. In (0, 1].
    """
    return _lrap(truth, prediction).whole()
