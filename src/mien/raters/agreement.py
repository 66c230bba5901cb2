"""What an agreement statistic is, and how votes or tables of ratings are counted for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Floats, Integers, matrix
from mien.raters.bootstrap import Statistic, estimate, interval
from mien.raters.votes import Votes

MOST_VALUES = 2000


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement statistic.

    statistic: its id ("fleiss_kappa", "alpha_nominal", "icc2"); value: NaN where it is not defined, `note` says why;
    interval: (low, high) of the bootstrap over items, or None; items: number of items it rests on.
    """

    statistic: str
    value: float
    interval: tuple[float, float] | None = None
    items: int = 0
    note: str = ""

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        span = f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]" if self.interval else ""
        note = f"; {self.note}" if self.note else ""
        return f"{self.statistic} {self.value:.3f}{span} (items={self.items}{note})"


def measured(statistic: Statistic, name: str, items: int, used: int, note: str, **options: Any) -> Agreement:
    """The statistic's value with its interval; options: rounds (0 = no interval), rng, groups, level."""
    value = float(estimate(statistic, items))
    span = None
    if options.get("rounds", 1000) and np.isfinite(value):
        low, high = interval(statistic, items, **options)
        span = (float(low), float(high))
    return Agreement(name, value, span, used, note if np.isfinite(value) else note or _undefined(used))


def _undefined(used: int) -> str:
    if not used:
        return "not defined: no item has two ratings"
    return "not defined: every rating is the same, so agreement by chance would be perfect"


def tally(ratings: Votes | Any, values: Mapping[str, float] | None = None) -> tuple[Floats, Floats]:
    """(counts of shape (items, values), the values in order): of votes, or of a table of items × raters."""
    if isinstance(ratings, Votes):
        counts = ratings.all_counts.astype(np.float64)
        if values is None:
            return counts, np.arange(counts.shape[1], dtype=np.float64)
        lacking = [name for name in ratings.options if name not in values]
        if lacking:
            raise RequestError(f"values has no number for: {', '.join(lacking)}")
        numbers = np.array([float(values[name]) for name in ratings.options])
        order = np.argsort(numbers, kind="stable")
        return counts[:, order], numbers[order]
    table = matrix(ratings)
    there = np.isfinite(table)
    found, code = np.unique(table[there], return_inverse=True)
    if len(found) > MOST_VALUES:
        raise RequestError(f"{len(found)} different values; at most {MOST_VALUES} here, use the interval scale")
    item = np.nonzero(there)[0]
    size = len(found)
    flat = np.bincount(item * size + code, minlength=len(table) * size)
    return flat.reshape(len(table), size).astype(np.float64), found


def paired_counts(counts: Floats) -> tuple[Floats, Floats]:
    """The counts and their totals, both zero on items with fewer than two ratings: those pair with nothing."""
    total = counts.sum(axis=1)
    return np.where((total >= 2)[:, None], counts, 0.0), np.where(total >= 2, total, 0.0)


def share_agreeing(counts: Floats, total: Floats) -> Floats:
    """The share of pairs of ratings that are alike, per item; 0 where there is no pair."""
    return np.where(total > 0, (counts * (counts - 1)).sum(axis=1) / np.maximum(total * (total - 1), 1), 0.0)


def pair_agreement(ratings: Votes | Any) -> list[tuple[int, int, int, float]]:
    """For each pair of raters (first, second, items both rated, share of them on which they agree, NaN where none).

    ratings: `Votes` with one label a vote, or class values of shape (items, raters), NaN where missing.
    """
    table = _codes(ratings)
    result = []
    for first in range(table.shape[1]):
        for second in range(first + 1, table.shape[1]):
            shared = np.isfinite(table[:, first]) & np.isfinite(table[:, second])
            number = int(shared.sum())
            same = float((table[shared, first] == table[shared, second]).mean()) if number else float("nan")
            result.append((first, second, number, same))
    return result


def _codes(ratings: Votes | Any) -> Floats:
    if not isinstance(ratings, Votes):
        return matrix(ratings)
    codes: Integers = ratings.matrix()
    return np.where(codes < 0, np.nan, codes)
