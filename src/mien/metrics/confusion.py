"""The confusion table, and what follows from one: recall, precision, F1 per class and their means.

Everything here works on counts (..., k, c): truth down, prediction across, any number of tables at once; c is k, or
k + 1 where the last column holds answers outside the labels (wrong for every class).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Coded, Numbers, coded
from mien.metrics.sums import Sums, ratio

Absent = Literal["skip", "zero", "nan"]
Measure = Callable[[Numbers], Numbers]


def confusion(
    truth: Any, prediction: Any, *, labels: Iterable[Any] | None = None
) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
    """The labels and the counts[truth, prediction].

    Without `labels` the table holds every label of either side, sorted, and is square. With `labels` (their order is
    kept) a further column appears where answers stand outside them. RequestError: a truth outside `labels`.

    >>> confusion(["joy", "fear", "joy"], ["joy", "joy", "joy"])[1].tolist()
    [[0, 1], [0, 2]]
    """
    known, codes, columns = _cells(truth, prediction, labels)
    return known, np.bincount(codes, minlength=len(known) * columns).reshape(len(known), columns)


def table_sums(
    truth: Any,
    prediction: Any,
    value: Measure,
    parts: Measure | None = None,
    *,
    labels: Iterable[Any] | None = None,
) -> Sums:
    """A metric of the confusion table; `value` and `parts` take counts (..., k, c)."""
    known, codes, columns = _cells(truth, prediction, labels)
    return cell_sums(codes, (len(known), columns), value, parts, names=tuple(map(str, known)))


def cell_sums(
    cells: NDArray[np.int64],
    shape: tuple[int, int],
    value: Measure,
    parts: Measure | None = None,
    *,
    names: tuple[str, ...] = (),
    keep: NDArray[np.bool_] | None = None,
) -> Sums:
    """A metric of a table (k, c) where each item's cell (n,) is known; items outside `keep` are in no cell."""
    size = shape[0] * shape[1]
    spare = 0 if keep is None else 1
    which = cells if keep is None else np.where(keep, cells, size)

    def folded(measure: Measure) -> Measure:
        return lambda totals: measure(totals[..., :size].reshape(*totals.shape[:-1], *shape))

    left_out = 0 if keep is None else int(np.count_nonzero(~keep))
    shown = names if parts else ()
    return Sums(which, None, size + spare, folded(value), folded(parts) if parts else None, shown, left_out)


def _cells(truth: Any, prediction: Any, labels: Iterable[Any] | None) -> tuple[tuple[Any, ...], NDArray[np.int64], int]:
    """The labels, each item's cell in the flattened table, and the number of columns."""
    pair: Coded = coded(truth, prediction, labels=labels)
    if (pair.truth < 0).any():
        place = int(np.argmax(pair.truth < 0))
        raise RequestError(
            f"truth: the label at item {place} is none of {', '.join(map(str, pair.labels))}"
            f" ({int((pair.truth < 0).sum())} such items); leave these items out or name their labels"
        )
    outside = bool((pair.prediction < 0).any())
    columns = len(pair.labels) + outside
    answers = np.where(pair.prediction < 0, len(pair.labels), pair.prediction)
    return pair.labels, pair.truth * columns + answers, columns


def hits(counts: Numbers) -> Numbers:
    """Right answers per class (..., k)."""
    return np.diagonal(counts, axis1=-2, axis2=-1)


def support(counts: Numbers) -> Numbers:
    """Items of each class in the truth (..., k)."""
    return np.asarray(counts.sum(axis=-1))


def answers(counts: Numbers) -> Numbers:
    """Items answered with each class (..., k)."""
    return np.asarray(counts.sum(axis=-2)[..., : counts.shape[-2]])


def recalls(counts: Numbers) -> Numbers:
    """Recall per class (..., k); NaN for a class without items in the truth."""
    return ratio(hits(counts), support(counts))


def precisions(counts: Numbers) -> Numbers:
    """Precision per class (..., k); 0 for a class of the truth that is never answered, NaN for one in neither."""
    return _known_or_nan(hits(counts), answers(counts), seen(counts))


def f1s(counts: Numbers) -> Numbers:
    """F1 per class (..., k), 2 hits / (support + answers); NaN for a class in neither truth nor prediction."""
    return ratio(2 * hits(counts), support(counts) + answers(counts))


def seen(counts: Numbers) -> NDArray[np.bool_]:
    """Which classes occur in the truth or among the answers (..., k)."""
    return np.asarray(support(counts) + answers(counts) > 0)


def _known_or_nan(above: Numbers, below: Numbers, known: NDArray[np.bool_]) -> Numbers:
    return np.where(known, np.nan_to_num(ratio(above, below)), np.nan)


def class_mean(values: Numbers, absent: Absent) -> Numbers:
    """The mean over classes (..., k) -> (...), where NaN marks a class that has no value.

    absent: "skip" leaves such classes out (the default everywhere), "zero" counts them as 0, "nan" gives NaN.
    """
    if absent == "skip":
        return ratio(np.nansum(values, axis=-1), (~np.isnan(values)).sum(axis=-1))
    if absent == "zero":
        return np.asarray(np.nan_to_num(values).mean(axis=-1))
    if absent == "nan":
        return np.asarray(values.mean(axis=-1))
    raise RequestError(f"absent: {absent!r}; allowed: skip, zero, nan")


def weighted_mean(values: Numbers, counts: Numbers) -> Numbers:
    """The mean over classes weighted by their items in the truth; classes without items have no weight."""
    weights = support(counts)
    return ratio((np.nan_to_num(values) * weights).sum(axis=-1), weights.sum(axis=-1))
