"""A whole table of answers from one space to another, with a count of what was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.affect.mapping import MAX_LOST, mapping
from mien.affect.names import clean
from mien.affect.space import Space, space
from mien.affect.way import Mapping
from mien.errors import DataError, RequestError


@dataclass(frozen=True, slots=True)
class Translation:
    """Answers in another space.

    values: (n, labels of goal), NaN in the rows that were dropped; kept: (n,) bool; lost: (n,) share of each answer on
    labels without a counterpart; loose: (n,) share that took a debatable rule; mapping: how it was done.
    """

    values: NDArray[np.float64]
    kept: NDArray[np.bool_]
    lost: NDArray[np.float64]
    loose: NDArray[np.float64]
    mapping: Mapping
    goal: Space

    @property
    def labels(self) -> list[str | None]:
        """The top label of every row; None where the row was dropped."""
        tops = np.where(np.isnan(self.values), -np.inf, self.values).argmax(axis=1)
        return [self.goal.labels[top] if on else None for top, on in zip(tops, self.kept, strict=True)]

    def report(self) -> str:
        """One line: which mapping, how many items and how much of the answers were lost, what was loose."""
        n, gone = len(self.kept), int((~self.kept).sum())
        parts = [f"{gone} of {n} items dropped ({gone / n:.2%})" if n else "no items"]
        if n and self.mapping.dropped:
            parts.append(f"{self.lost.mean():.2%} lay on {', '.join(self.mapping.dropped)}")
        if n and self.loose.any():
            parts.append(f"{self.loose.mean():.2%} came by a loose rule ({', '.join(self.mapping.loose)})")
        return f"{self.mapping.id}: {'; '.join(parts)}; loses {self.mapping.loses}"


def translate(
    values: ArrayLike, start: Space | str, goal: Space | str, *, strict: bool = False, max_lost: float = MAX_LOST
) -> Translation:
    """Answers (n, labels of start) in another space, all rows at once.

    A row of which more than `max_lost` lies on labels without a counterpart is dropped and counted (independent
    probabilities and levels are never dropped: they have no common mass). strict: without loose rules. Raises
    RequestError for a pair without a mapping or a wrong shape, DataError naming the first row that is no answer.

    >>> print(translate([[0.5, 0.25, 0.25]], "sentiment3", "sentiment2-has0").values)
    [[0.5 0.5]]
    """
    first, last = _space(start), _space(goal)
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != len(first.labels):
        raise RequestError(f"{first.name} needs shape (n, {len(first.labels)}), got {array.shape}")
    way = mapping(first, last, strict=strict) if first != last else _same(first)
    array = _checked(array, first)
    lost = way.lost(array)
    result = way.apply(array)
    kept: NDArray[np.bool_] = np.isfinite(result).all(axis=1) & ((lost <= max_lost + 1e-12) | (not first.exclusive))
    return Translation(np.where(kept[:, None], result, np.nan), kept, lost, way.by_loose(array), way, last)


def translate_labels(
    labels: Sequence[str], start: Space | str, goal: Space | str, *, strict: bool = False, path: str = "<labels>"
) -> Translation:
    """Single labels, in any case or common alias, in another space; `.labels` holds them, None where dropped.

    Raises DataError with path and row (from 1) for a name that the start does not have.

    >>> translate_labels(["Happy ", "frustrate"], "iemocap6", "iemocap4").labels
    ['happy', None]
    """
    first = _space(start)
    given = clean(labels, first, path=path)
    places = [first.index(label) for label in given]
    return translate(np.eye(len(first.labels))[places], first, goal, strict=strict)


def _space(given: Space | str) -> Space:
    return given if isinstance(given, Space) else space(given)


def _same(own: Space) -> Mapping:
    id = f"{own.name}={own.name}"
    return Mapping(id, own.name, own.name, own.labels, "itself", "nothing", lambda values: values, exact=True)


def _checked(array: NDArray[np.float64], own: Space) -> NDArray[np.float64]:
    low, high = (0.0, 1.0) if own.exclusive or own.kind == "multilabel" else (own.low, own.high)
    wrong = ~np.isfinite(array).all(axis=1) | (array < low - 1e-6).any(axis=1) | (array > high + 1e-6).any(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError("<values>", row, f"{own.name} needs finite values in [{low:g}, {high:g}], got {array[row]}")
    if not own.exclusive:
        return array.clip(low, high)
    total = array.sum(axis=1)
    if (np.abs(total - 1) > 1e-3).any():
        row = int(np.abs(total - 1).argmax())
        raise DataError("<values>", row, f"{own.name}: a distribution must sum to 1, got {total[row]:.4f}")
    return np.asarray(array.clip(0, 1) / total[:, None])
