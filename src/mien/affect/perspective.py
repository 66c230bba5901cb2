"""What a writer felt beside what readers see: hidden and over-read emotions, by named rules (WRIME-style tables)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.errors import DataError, RequestError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RULES: dict[str, str] = {
    "threshold": "writer at least writer_min while the aggregated readers are at most reader_max",
    "gap_gt1_exact": "writer minus the readers' true mean above 1",
    "gap_gt1_rounded": "writer minus the readers' mean rounded to an integer above 1 "
    "(nakatuba/sentiment-analysis-bert)",
    "agreeing_readers": "as gap_gt1_exact, only where the readers' standard deviation (n-1) is below 1 "
    "(nakatuba/wrime-lstm)",
}

AGGREGATES: dict[str, Callable[[Floats], Floats]] = {
    "max": lambda readers: readers.max(axis=1),
    "mean": lambda readers: readers.mean(axis=1),
    "median": lambda readers: np.median(readers, axis=1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Perspective:
    """Labels of the difference between a writer and the readers, each of shape (n,).

    hidden: the writer feels it and readers do not see it; over_read: the reverse; disputed: the readers disagree among
    themselves (only under "agreeing_readers"); gap: writer minus readers' mean, under the rounded rule rounded.
    """

    rule: str
    hidden: Flags
    over_read: Flags
    disputed: Flags
    gap: Floats

    @property
    def agreed(self) -> Flags:
        """Neither hidden, nor over-read, nor disputed."""
        return ~(self.hidden | self.over_read | self.disputed)

    @property
    def prevalence(self) -> float:
        """Share of hidden items; NaN without items."""
        return float(self.hidden.mean()) if len(self.hidden) else float("nan")

    def counts(self) -> dict[str, int]:
        """How many items are hidden, over-read, agreed and disputed; they add up to all."""
        names = ("hidden", "over_read", "agreed", "disputed")
        return {name: int(getattr(self, name).sum()) for name in names}


def perspective(
    writer: ArrayLike,
    readers: ArrayLike,
    *,
    rule: str = "gap_gt1_exact",
    writer_min: float = 2,
    reader_max: float = 0,
    aggregate: str = "max",
    averages: ArrayLike | None = None,
) -> Perspective:
    """Hidden and over-read items.

    writer: (n,) intensities; readers: (n, r) intensities on the same scale; rule: a key of `RULES`; writer_min,
    reader_max, aggregate (max, mean, median): of the rule "threshold", whose mirror asks the readers for writer_min and
    the writer for reader_max; averages: (n,) the readers' averages as a table prints them, taken by "gap_gt1_rounded"
    instead of rounding the mean (halves to even). Means of whole numbers are compared without rounding error.
    Raises RequestError for an unknown rule or aggregate and for wrong shapes, DataError with the row (from 0) of a
    missing value.

    >>> perspective([2, 2], [[0, 0, 2], [1, 1, 1]]).hidden
    array([ True, False])
    >>> perspective([2, 2], [[0, 0, 2], [1, 1, 1]], rule="gap_gt1_rounded").hidden
    array([False, False])
    """
    if rule not in RULES:
        raise RequestError(
            f"unknown rule {rule!r}; allowed: {'; '.join(f'{name}: {what}' for name, what in RULES.items())}"
        )
    own, seen = _checked(writer, readers)
    number, total = seen.shape[1], seen.sum(axis=1)
    calm = np.zeros(len(own), dtype=np.bool_)
    if rule == "threshold":
        high, low = _threshold(own, seen, writer_min, reader_max, aggregate)
        return Perspective(rule, high, low, calm, own - total / number)
    if rule == "gap_gt1_rounded":
        shown = np.rint(total / number) if averages is None else _column(averages, len(own), "averages")
        gap = own - shown
        return Perspective(rule, gap > 1, gap < -1, calm, gap)
    apart = own * number - total
    disputed = _spread(seen) >= 1 - 1e-12 if rule == "agreeing_readers" else calm
    return Perspective(
        rule, (apart > number) & ~disputed, (apart < -number) & ~disputed, disputed, own - total / number
    )


def present(intensities: ArrayLike, above: float = 1.0) -> Flags:
    """Whether an intensity lies above 1: the yes-or-no label of one perspective in the published code."""
    return np.asarray(np.asarray(intensities, dtype=np.float64) > above)


def inverse_frequency(labels: Iterable[int]) -> tuple[Floats, Floats]:
    """Weights 1 / n_c of the classes 0..C-1, shape (C,), and of the items, shape (n,).

    Drawing items by the one and weighting a loss by the other corrects an imbalance twice: the rare class then counts
    n_0 / n_1 times too much. Raises RequestError for an empty list, negative classes, or a class without items.
    """
    codes = np.array(list(labels), dtype=np.int64)
    if not codes.size or codes.min() < 0:
        raise RequestError("class weights need labels 0, 1, ...")
    counts = np.bincount(codes)
    if (counts == 0).any():
        raise RequestError(f"class {int(np.flatnonzero(counts == 0)[0])} has no item: its weight is not defined")
    weights = 1.0 / counts
    return weights, weights[codes]


def released_text(text: str) -> str:
    """A text of the released table with its literal backslash-n turned into a blank."""
    return text.replace("\\n", " ")


def _threshold(own: Floats, seen: Floats, least: float, most: float, aggregate: str) -> tuple[Flags, Flags]:
    if aggregate not in AGGREGATES:
        raise RequestError(f"unknown aggregate {aggregate!r}; allowed: {', '.join(AGGREGATES)}")
    # A mean of thirds must not miss its threshold by rounding.
    merged = AGGREGATES[aggregate](seen)
    hidden = (own >= least) & (merged <= most + 1e-9)
    return hidden, (merged >= least - 1e-9) & (own <= most)


def _spread(seen: Floats) -> Floats:
    if seen.shape[1] < 2:
        raise RequestError("the spread of readers needs at least two of them")
    return np.asarray(seen.std(axis=1, ddof=1))


def _checked(writer: ArrayLike, readers: ArrayLike) -> tuple[Floats, Floats]:
    own, seen = np.asarray(writer, dtype=np.float64), np.asarray(readers, dtype=np.float64)
    if own.ndim != 1 or seen.ndim != 2 or len(own) != len(seen) or not seen.shape[1]:
        raise RequestError(f"writer needs shape (n,) and readers (n, r), got {own.shape} and {seen.shape}")
    bad = ~np.isfinite(own) | ~np.isfinite(seen).all(axis=1)
    if bad.any():
        raise DataError("<table>", int(np.flatnonzero(bad)[0]), "an intensity is missing; leave the row out or fill it")
    return own, seen


def _column(values: ArrayLike, rows: int, name: str) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (rows,) or not np.isfinite(array).all():
        raise RequestError(f"{name} needs {rows} finite numbers, got shape {array.shape}")
    return array
