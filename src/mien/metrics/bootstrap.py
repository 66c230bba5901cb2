"""Percentile intervals for every metric: items are drawn with replacement, or whole groups where groups are given.

Utterances of one speaker or dialogue are alike; an interval that draws them singly is too narrow. Metrics that follow
from sums (`Metric.sums`) are resampled through the counts of their distinct contributions: a confusion table of seven
classes costs the same for a hundred items and for a million. All others are computed again on each draw.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13; groups: Field and Welsh 2007.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_labels
from mien.metrics.metric import METRICS
from mien.metrics.sums import CHUNK, Sums

Rng = int | np.random.Generator


def interval(values: Numbers, *, level: float = 0.95) -> tuple[float, float] | None:
    """The percentile interval of bootstrap values; rounds without a value (NaN) are left out, None where all are."""
    if not 0 < level < 1:
        raise RequestError(f"level: found {level}; allowed: between 0 and 1")
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_values(
    metric_id: str,
    truth: Any,
    prediction: Any,
    *,
    groups: Any = None,
    among: Any = None,
    rounds: int = 1000,
    rng: Rng = 0,
    **options: Any,
) -> Numbers:
    """The metric's values on `rounds` resamples (rounds,), NaN where a resample leaves it undefined.

    groups: (n,) speakers or dialogues, drawn whole; among: all groups that are drawn from, where these items have only
    some of them, so that with equal seeds other items of the same people meet the same draws; rng: seed or generator
    (equal seeds give equal values); options: those of the metric. RequestError: unknown metric, groups of another
    length or not among all, fewer than two groups or rounds < 1.
    """
    entry = METRICS[metric_id]
    if entry.sums is not None:
        sums = entry.sums(truth, prediction, **options)
        clusters, number = _drawn_from(groups, sums.count, among)
        drawn = resampled(sums, clusters, rounds, rng, number)
        valued = sums.value if among is None else partial(_valued, sums)
        return np.concatenate([valued(totals) for totals in drawn])
    first, second = takeable(truth), takeable(prediction)
    clusters, number = _drawn_from(groups, len(first), among)
    draws = index_draws(len(first), clusters, rounds, rng, number)
    return np.array(
        [entry.compute(take(first, draw), take(second, draw), **options) if len(draw) else np.nan for draw in draws],
        dtype=float,
    )


def _valued(sums: Sums, totals: Numbers) -> Numbers:
    """The metric of each resample, NaN where none of the items was drawn."""
    values, there = np.full(len(totals), np.nan), totals.any(axis=1)
    if there.any():
        values[there] = sums.value(totals[there])
    return values


def _drawn_from(groups: Any, items: int, among: Any) -> tuple[NDArray[np.int64] | None, int | None]:
    """Groups as numbers, and of how many (None: of those that occur)."""
    if among is None:
        return group_codes(groups, items), None
    names = np.unique(as_labels(among, name="among"))
    found = as_labels(groups, name="groups")
    if len(found) != items or len(names) < 2 or not np.isin(found, names).all():
        raise RequestError(f"groups: {items} are needed, of the {len(names)} (two at least) that are drawn from")
    return np.searchsorted(names, found).astype(np.int64), len(names)


def group_codes(groups: Any, items: int) -> NDArray[np.int64] | None:
    """Groups as numbers from 0 (n,), or None; RequestError where their number is not that of the items, or one only."""
    if groups is None:
        return None
    found = as_labels(groups, name="groups")
    if len(found) != items:
        raise RequestError(f"groups has {len(found)} items, truth {items}; they must agree")
    codes = np.unique(found, return_inverse=True)[1].astype(np.int64)
    if codes.max() == 0:
        raise RequestError("groups: one group only; an interval over groups needs at least two")
    return codes


def resampled(
    sums: Sums, groups: NDArray[np.int64] | None, rounds: int, rng: Rng, number: int | None = None
) -> Iterator[Numbers]:
    """Totals (rounds in this chunk, s) of resamples, all rounds over all chunks; number: of groups, else those seen."""
    generator = checked(rounds, rng)
    if groups is not None:
        yield from _whole_groups(sums, groups, rounds, generator, number or int(groups.max()) + 1)
    else:
        counts = sums.counts()
        occurring = np.flatnonzero(counts)
        if len(occurring) <= max(256, sums.count // 8):
            yield from _few_cells(sums, counts, occurring, rounds, generator)
        else:
            yield from _many_cells(sums, len(counts), rounds, generator)


def _few_cells(
    sums: Sums, counts: NDArray[np.int64], occurring: NDArray[np.int64], rounds: int, generator: np.random.Generator
) -> Iterator[Numbers]:
    """Distinct contributions are few: their counts in a resample are one multinomial draw."""
    for size in chunks(rounds, len(counts)):
        weights = np.zeros((size, len(counts)))
        weights[:, occurring] = generator.multinomial(sums.count, counts[occurring] / sums.count, size=size)
        yield sums.totals(weights)


def _many_cells(sums: Sums, cells: int, rounds: int, generator: np.random.Generator) -> Iterator[Numbers]:
    """Nearly every item is its own: one draw of items a round."""
    kind = np.int32 if sums.count < 2**31 else np.int64
    for _ in range(rounds):
        drawn = sums.which[generator.integers(0, sums.count, sums.count, dtype=kind)]
        yield sums.totals(np.bincount(drawn, minlength=cells)[None].astype(np.float64))


def _whole_groups(
    sums: Sums, groups: NDArray[np.int64], rounds: int, generator: np.random.Generator, number: int
) -> Iterator[Numbers]:
    """Groups drawn whole: through each group's totals, or through the items' weights where these would be too many."""
    cells = len(sums.counts())
    odds = np.full(number, 1 / number)
    if number * sums.size <= 2 * CHUNK:
        rows = group_totals(sums, groups, number)
        for size in chunks(rounds, max(number, sums.size)):
            yield generator.multinomial(number, odds, size=size) @ rows
    else:
        for _ in range(rounds):
            weights = generator.multinomial(number, odds)[groups]
            yield sums.totals(np.bincount(sums.which, weights=weights, minlength=cells)[None].astype(np.float64))


def group_totals(sums: Sums, groups: NDArray[np.int64], number: int | None = None) -> Numbers:
    """The totals of each group (groups, s); the caller sees to it that so many fit into memory."""
    number = number or int(groups.max()) + 1
    if sums.rows is None:
        table = np.bincount(groups * sums.size + sums.which, minlength=number * sums.size)
        return table.reshape(number, sums.size).astype(np.float64)
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    found = np.zeros((number, sums.rows.shape[1]))
    found[groups[order][starts]] = np.add.reduceat(sums.rows[sums.which[order]], starts, axis=0)
    return found


def index_draws(
    items: int, groups: NDArray[np.int64] | None, rounds: int, rng: Rng, number: int | None = None
) -> Iterator[NDArray[np.int64]]:
    """Indices of each resample; with groups, all items of the groups drawn (so lengths vary)."""
    generator = checked(rounds, rng)
    if groups is None:
        for _ in range(rounds):
            yield generator.integers(0, items, items)
        return
    order = np.argsort(groups, kind="stable")
    number = number or int(groups.max()) + 1
    members = np.split(order, np.searchsorted(groups[order], np.arange(1, number)))
    for _ in range(rounds):
        yield np.concatenate([members[i] for i in generator.integers(0, len(members), len(members))])


def takeable(items: Any) -> Any:
    """A container whose items can be taken by index: an array where it is one, else a list."""
    if hasattr(items, "detach"):
        items = items.detach().cpu().float() if "bfloat16" in str(items.dtype) else items.detach().cpu()
        return items.numpy()
    if hasattr(items, "to_numpy"):
        return items.to_numpy()
    return items if isinstance(items, np.ndarray) else list(items)


def take(items: Any, indices: NDArray[np.int64]) -> Any:
    """The items at these indices, in their order."""
    return items[indices] if isinstance(items, np.ndarray) else [items[i] for i in indices]


def chunks(rounds: int, width: int) -> Iterator[int]:
    """Numbers of rounds, so that a chunk of that many rows of `width` numbers fits the memory bound."""
    step = max(1, CHUNK // max(width, 1))
    yield from (min(step, rounds - start) for start in range(0, rounds, step))


def checked(rounds: int, rng: Rng) -> np.random.Generator:
    """The generator; RequestError where `rounds` is not positive."""
    if rounds < 1:
        raise RequestError(f"rounds: found {rounds}; at least 1 is needed")
    return np.random.default_rng(rng)
