"""Ratings in levels of one emotion (absent, mild, intense): their mean, unanimity and presence by majority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import DataError
from mien.raters.arrays import WHERE, Booleans, Floats, Integers, matrix


@dataclass(frozen=True, slots=True, eq=False)
class LevelSummary:
    """What raters' levels say of each item, all of shape (items,).

    mean: float64, mean level, NaN where nobody rated; unanimous: bool, all ratings the same level; heard_by_all: bool,
    every rating above 0; majority_present: bool, more than half of the ratings above 0 (1 of 2 is no majority);
    raters: int64, number of ratings.
    """

    mean: Floats
    unanimous: Booleans
    heard_by_all: Booleans
    majority_present: Booleans
    raters: Integers


def level_summary(ratings: Any, levels: tuple[float, ...] | None = None) -> LevelSummary:
    """Summarise levels of shape (items, raters), NaN where missing; missing ratings count nowhere.

    levels: the allowed levels; DataError with the row for another one (None: any number).
    """
    table = matrix(ratings)
    there = np.isfinite(table)
    if levels is not None:
        odd = there & ~np.isin(table, levels)
        if odd.any():
            row = int(odd.any(axis=1).argmax())
            allowed = ", ".join(map(str, levels))
            raise DataError(WHERE, row + 1, f"level {table[row][odd[row]][0]:g}; allowed: {allowed}")
    number = there.sum(axis=1)
    total = np.where(there, table, 0.0).sum(axis=1)
    heard = (there & (table > 0)).sum(axis=1)
    low, high = np.where(there, table, np.inf).min(axis=1), np.where(there, table, -np.inf).max(axis=1)
    return LevelSummary(
        mean=np.divide(total, number, out=np.full(len(table), np.nan), where=number > 0),
        unanimous=(number > 0) & (low == high),
        heard_by_all=(number > 0) & (heard == number),
        majority_present=2 * heard > number,
        raters=number.astype(np.int64),
    )
