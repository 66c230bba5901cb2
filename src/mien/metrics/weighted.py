"""Metrics that need all items in order (ranks, curves, bins): computed from how often each item was drawn.

The order is found once; a resample then costs a pass over the items, no sorting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.metrics.arrays import Numbers
from mien.metrics.sums import Sums


@dataclass(frozen=True, slots=True)
class Levels:
    """Values (n,) by their distinct levels in ascending order: level: (n,) index; count: number of levels."""

    level: NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, values: Numbers) -> Levels:
        """The levels of these values."""
        distinct, level = np.unique(values, return_inverse=True)
        return cls(level.ravel().astype(np.int64), len(distinct))

    def sums(self, weights: Numbers) -> Numbers:
        """The weight at each level (count,)."""
        return np.bincount(self.level, weights=weights, minlength=self.count).astype(np.float64)


def weighted(items: int, value: Callable[[Numbers], float], parts: Callable[[Numbers], Numbers] | None = None) -> Sums:
    """A metric of the weights (items,) with which each item counts: whole numbers, all 1 on the items as they are."""

    def each(weights: Numbers) -> Numbers:
        return np.array([value(row) for row in weights.reshape(-1, items)]).reshape(weights.shape[:-1])

    def each_part(weights: Numbers) -> Numbers:
        assert parts is not None
        rows = np.stack([parts(row) for row in weights.reshape(-1, items)])
        return rows.reshape(*weights.shape[:-1], -1)

    return Sums(np.arange(items), None, items, each, each_part if parts else None)


def is_weighted(sums: Sums) -> bool:
    """Whether each item is its own contribution, so that totals are as long as the items."""
    return sums.rows is None and sums.size == sums.count


def rank_of(levels: Levels, weights: Numbers) -> Numbers:
    """Each item's mean rank (n,) among items that count `weights` times."""
    here = levels.sums(weights)
    return np.asarray((np.cumsum(here) - (here - 1) / 2)[levels.level])


def roc_area(levels: Levels, positive: NDArray[np.bool_], weights: Numbers) -> float:
    """P(a positive's value is above a negative's) + P(equal) / 2; NaN where one side has no weight."""
    up, down = levels.sums(weights * positive), levels.sums(weights * ~positive)
    pairs = up.sum() * down.sum()
    below = np.cumsum(down) - down / 2
    return float((up * below).sum() / pairs) if pairs else float("nan")


def precision_area(levels: Levels, positive: NDArray[np.bool_], weights: Numbers) -> float:
    """Sum over levels, highest first, of the recall step times the precision; NaN without positives."""
    up, every = levels.sums(weights * positive)[::-1], levels.sums(weights)[::-1]
    found = up.sum()
    if not found:
        return float("nan")
    precision = np.cumsum(up) / np.maximum(np.cumsum(every), 1)
    return float((up * precision).sum() / found)


def rank_correlation(first: Levels, second: Levels, weights: Numbers) -> float:
    """Pearson of the mean ranks; NaN where either side is constant."""
    total = weights.sum()
    x, y = (rank_of(levels, weights) - (total + 1) / 2 for levels in (first, second))
    spread = (weights * x * x).sum() * (weights * y * y).sum()
    return float(np.clip((weights * x * y).sum() / np.sqrt(spread), -1, 1)) if spread > 0 else float("nan")
