"""Sets of labels against labels: precision, recall and F1 in four means, and what several annotators reach together.

The union of annotators holds the truth more often than any of them: its hit rate is an upper bound, no accuracy. Their
intersection is right more often but leaves items without an answer: its accuracy needs its coverage beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers
from mien.metrics.confusion import Absent
from mien.metrics.zeros_ones import zeros_ones

Shares = dict[str, float]


@dataclass(frozen=True, slots=True)
class Pooled:
    """Several annotators as one, n items with one true label each.

    hit_rate: share of items whose truth is in the union (an upper bound); coverage: share of items on which all
    agree; accuracy: share of right answers among those, NaN where there is none; accuracy_over_all: the same with
    every disagreement counted as wrong; n: items.
    """

    hit_rate: float
    coverage: float
    accuracy: float
    accuracy_over_all: float
    n: int


def set_scores(truth: Any, prediction: Any, *, absent: Absent = "zero") -> dict[str, Shares]:
    """precision, recall and f1 under "micro", "macro", "weighted" (by support) and "samples" (mean over items).

    truth, prediction: (n, k) zeros and ones; one-hot rows give the single-label scores. absent: what is not defined
    (a label that is never true, an item without answer) counts as 0 ("zero", as scikit-learn's zero_division=0) or is
    left out of its mean ("skip"). Raises RequestError for shapes that differ and values other than 0 and 1.

    >>> set_scores([[1, 0], [0, 1]], [[1, 1], [0, 0]])["samples"]["precision"]
    0.25
    """
    first, second = zeros_ones(truth, name="truth"), zeros_ones(prediction, name="prediction")
    if first.shape != second.shape:
        raise RequestError(f"truth has the shape {first.shape}, prediction {second.shape}; they must agree")
    both = first * second
    labels = _three(both.sum(axis=0), second.sum(axis=0), first.sum(axis=0))
    items = _three(both.sum(axis=1), second.sum(axis=1), first.sum(axis=1))
    whole = _three(both.sum(keepdims=True).ravel(), second.sum(keepdims=True).ravel(), first.sum(keepdims=True).ravel())
    support = first.sum(axis=0)
    return {
        "micro": _means(whole, lambda values: _mean(values, np.ones(1), absent)),
        "macro": _means(labels, lambda values: _mean(values, np.ones(len(values)), absent)),
        "weighted": _means(labels, lambda values: _mean(values, support, absent)),
        "samples": _means(items, lambda values: _mean(values, np.ones(len(values)), absent)),
    }


def pooled(truth: Any, union: Any, intersection: Any) -> Pooled:
    """What the union and the intersection of annotators reach: all (n, k) zeros and ones, one true label a row.

    Raises RequestError for shapes that differ, rows of truth without exactly one label, and an empty table.
    """
    own, any_of, all_of = (
        zeros_ones(table, name=name)
        for table, name in ((truth, "truth"), (union, "union"), (intersection, "intersection"))
    )
    if not own.shape == any_of.shape == all_of.shape or not len(own):
        raise RequestError(f"tables of one shape with rows are needed; got {own.shape}, {any_of.shape}, {all_of.shape}")
    if (own.sum(axis=1) != 1).any():
        row = int(np.flatnonzero(own.sum(axis=1) != 1)[0])
        raise RequestError(f"truth: row {row} has {int(own[row].sum())} labels; each needs exactly one")
    agreed = all_of.sum(axis=1) > 0
    right = (own * all_of).sum(axis=1) > 0
    return Pooled(
        float((own * any_of).sum(axis=1).mean()),
        float(agreed.mean()),
        float(right[agreed].mean()) if agreed.any() else float("nan"),
        float(right.mean()),
        len(own),
    )


def _three(both: Numbers, said: Numbers, true: Numbers) -> dict[str, Numbers]:
    return {"precision": _ratio(both, said), "recall": _ratio(both, true), "f1": _ratio(2 * both, said + true)}


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0))


def _means(values: dict[str, Numbers], mean: Callable[[Numbers], float]) -> Shares:
    return {name: mean(own) for name, own in values.items()}


def _mean(values: Numbers, weights: Numbers, absent: Absent) -> float:
    known = ~np.isnan(values)
    use = np.where(known, weights, 0.0) if absent == "skip" else np.asarray(weights, dtype=np.float64)
    return float((np.where(known, values, 0.0) * use).sum() / use.sum()) if use.sum() > 0 else float("nan")
