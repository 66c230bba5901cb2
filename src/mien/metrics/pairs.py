"""Two systems on the same items: differences of a metric when items are drawn again or change sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.metrics.arrays import Numbers
from mien.metrics.bootstrap import chunks, group_totals, index_draws, take
from mien.metrics.metric import Metric
from mien.metrics.sums import CHUNK, Sums
from mien.metrics.weighted import is_weighted


def joined(first: Any, second: Any) -> Any:
    """The items of both, one after the other."""
    return np.concatenate([first, second]) if isinstance(first, np.ndarray) else [*first, *second]


@dataclass(frozen=True, slots=True)
class SumsPair:
    """Two systems' totals through distinct units: pairs of contributions, or groups.

    first, second: (u, s) what a unit adds to each system; counts: (u,) how many such units; total: units in all.
    """

    sums: Sums
    first: Numbers
    second: Numbers
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, sums: Sums, groups: NDArray[np.int64] | None) -> SumsPair | None:
        """From sums over the items of the first system then those of the second; None where units are too many."""
        if is_weighted(sums):
            return None
        half = sums.count // 2
        one, two = sums.which[:half], sums.which[half:]
        cells = len(sums.counts())
        joint, counts = np.unique(one * cells + two, return_counts=True)
        if sums.size * (len(joint) if groups is None else int(groups.max()) + 1) > 2 * CHUNK:
            return None
        if groups is None:
            return cls(sums, _rows(sums, joint // cells), _rows(sums, joint % cells), counts)
        first, second = _group_rows(sums, one, groups), _group_rows(sums, two, groups)
        return cls(sums, first, second, np.ones(len(first), dtype=np.int64))

    def values(self) -> tuple[float, float]:
        """Both systems' values on all items."""
        return float(self.sums.value(self.counts @ self.first)), float(self.sums.value(self.counts @ self.second))

    def resampled(self, rounds: int, generator: np.random.Generator) -> Numbers:
        """Differences (rounds,) where units are drawn with replacement, the same for both."""
        total = int(self.counts.sum())
        odds = self.counts / total

        def differences() -> Iterator[Numbers]:
            for size in chunks(rounds, max(len(odds), self.sums.size)):
                weights = generator.multinomial(total, odds, size=size).astype(np.float64)
                yield self.sums.value(weights @ self.second) - self.sums.value(weights @ self.first)

        return np.concatenate(list(differences()))

    def exchanged(self, rounds: int, generator: np.random.Generator) -> Numbers:
        """Differences (rounds,) where each unit changes sides with chance one half."""
        apart, whole = self.second - self.first, (self.counts @ self.first, self.counts @ self.second)

        def differences() -> Iterator[Numbers]:
            for size in chunks(rounds, max(len(self.counts), self.sums.size)):
                moved = generator.binomial(self.counts, 0.5, size=(size, len(self.counts))) @ apart
                yield self.sums.value(whole[1] - moved) - self.sums.value(whole[0] + moved)

        return np.concatenate(list(differences()))


def _rows(sums: Sums, which: NDArray[np.int64]) -> Numbers:
    """What each of these contributions adds (u, s)."""
    if sums.rows is not None:
        return np.asarray(sums.rows[which])
    unit = np.zeros((len(which), sums.size))
    unit[np.arange(len(which)), which] = 1
    return unit


def _group_rows(sums: Sums, which: NDArray[np.int64], groups: NDArray[np.int64]) -> Numbers:
    return group_totals(Sums(which, sums.rows, sums.size, sums.value), groups)


@dataclass(frozen=True, slots=True)
class ItemPair:
    """Two systems compared by computing the metric again on each draw."""

    metric: Metric
    truth: Any
    first: Any
    second: Any
    groups: NDArray[np.int64] | None
    options: dict[str, Any]

    def _value(self, truth: Any, prediction: Any) -> float:
        return float(self.metric.compute(truth, prediction, **self.options))

    def values(self) -> tuple[float, float]:
        """Both systems' values on all items."""
        return self._value(self.truth, self.first), self._value(self.truth, self.second)

    def resampled(self, rounds: int, generator: np.random.Generator) -> Numbers:
        """Differences (rounds,) where units are drawn with replacement, the same for both."""
        found = []
        for drawn in index_draws(len(self.truth), self.groups, rounds, generator):
            truth = take(self.truth, drawn)
            found.append(self._value(truth, take(self.second, drawn)) - self._value(truth, take(self.first, drawn)))
        return np.array(found)

    def exchanged(self, rounds: int, generator: np.random.Generator) -> Numbers:
        """Differences (rounds,) where each unit changes sides with chance one half."""
        items = len(self.truth)
        both = joined(self.first, self.second)
        units = np.arange(items) if self.groups is None else self.groups
        found = []
        for _ in range(rounds):
            other = np.arange(items) + items * (generator.random(int(units.max()) + 1) < 0.5)[units]
            one, two = take(both, other), take(both, (other + items) % (2 * items))
            found.append(self._value(self.truth, two) - self._value(self.truth, one))
        return np.array(found)
