"""Metrics that follow from sums over items: the ground of fast intervals, because a resample needs only new sums.

A confusion table is such a sum (of one count an item), and so are the moments behind CCC or RMSE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.metrics.arrays import Numbers

# Numbers held at once: bounds the memory of any resampling to some tens of megabytes.
CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Sums:
    """One metric on one set of items, as a function of totals.

    which: (n,) the row of `rows` that each item adds; rows: (m, s) distinct contributions, None where row i is the
    i-th unit vector (then s = m = `size`); value: totals (..., s) -> values (...), NaN where undefined; parts: totals
    (..., s) -> (..., k), the values of the parts `names` (classes, labels, columns) or None; left_out: how many of the
    items add nothing, because the metric's convention leaves them out.
    """

    which: NDArray[np.int64]
    rows: Numbers | None
    size: int
    value: Callable[[Numbers], Numbers]
    parts: Callable[[Numbers], Numbers] | None = None
    names: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def count(self) -> int:
        """Number of items."""
        return len(self.which)

    def totals(self, weights: Numbers) -> Numbers:
        """Totals (..., s) where row i of `rows` is taken `weights[..., i]` times."""
        return weights if self.rows is None else weights @ self.rows

    def counts(self) -> NDArray[np.int64]:
        """How many items add each row (m,)."""
        return np.bincount(self.which, minlength=self.size if self.rows is None else len(self.rows))

    def whole(self) -> float:
        """The metric's value on all items."""
        return float(self.value(self.totals(self.counts().astype(np.float64))))

    def whole_parts(self) -> Numbers:
        """The parts' values on all items (k,); empty where there are none."""
        if self.parts is None:
            return np.empty(0)
        return np.asarray(self.parts(self.totals(self.counts().astype(np.float64))))


def ratio(above: Numbers, below: Numbers) -> Numbers:
    """above / below, NaN where `below` is 0."""
    out = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=out, where=below != 0))


def mean_of(rows: Numbers) -> Sums:
    """A metric that is the mean over items of one number each: rows (n,)."""
    stacked = np.stack([np.ones(len(rows)), rows], axis=1)
    return Sums(np.arange(len(rows)), stacked, 2, lambda totals: ratio(totals[..., 1], totals[..., 0]))
