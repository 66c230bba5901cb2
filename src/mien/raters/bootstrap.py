"""Bootstrap over items: every agreement statistic is a function of how often each item counts.

A statistic is a function from weights, float64, shape (rounds, items), to values, shape (rounds, ...). The estimate is
its value at weights of 1, a bootstrap round its value at the number of times each item was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Floats, Integers

Statistic = Callable[[Floats], Floats]
Rng = int | np.random.Generator
CHUNK = 4_000_000


def estimate(statistic: Statistic, items: int) -> Floats:
    """The statistic on the items as they are, shape (...)."""
    return np.asarray(statistic(np.ones((1, items)))[0], dtype=np.float64)


def draws(
    items: int, rounds: int, generator: np.random.Generator, groups: Sequence[Any] | None = None
) -> Iterator[Floats]:
    """How often each item was drawn, in pieces of shape (some rounds, items); with groups, whole groups are drawn."""
    group = np.arange(items) if groups is None else group_codes(groups, items)
    number = int(group.max()) + 1
    step = max(1, CHUNK // max(items, number))
    for start in range(0, rounds, step):
        here = min(step, rounds - start)
        drawn = generator.integers(0, number, (here, number)) + np.arange(here)[:, None] * number
        counts = np.bincount(drawn.ravel(), minlength=here * number).reshape(here, number)
        yield counts[:, group].astype(np.float64)


def group_codes(groups: Sequence[Any], items: int) -> Integers:
    """The number of each item's group; RequestError unless there is one group an item."""
    if len(groups) != items:
        raise RequestError(f"groups must name one group for each of the {items} items, got {len(groups)}")
    known: dict[str, int] = {}
    return np.array([known.setdefault(str(name), len(known)) for name in groups], dtype=np.int64)


def interval(
    statistic: Statistic,
    items: int,
    *,
    rounds: int = 1000,
    rng: Rng = 0,
    groups: Sequence[Any] | None = None,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """(low, high) percentiles of the statistic over bootstrap rounds, each of the statistic's own shape.

    rng: seed or generator; level: in (0, 1). Rounds in which the statistic is not defined are left out; NaN where it
    never was.
    """
    if not 0 < level < 1:
        raise RequestError(f"level must lie between 0 and 1, got {level}")
    values = np.concatenate(
        [statistic(weights) for weights in draws(items, rounds, np.random.default_rng(rng), groups)]
    )
    return percentiles(values, level)


def percentiles(values: Floats, level: float) -> tuple[Floats, Floats]:
    """The bounds that hold the middle `level` of the values along the first axis, NaN values left out."""
    flat = values.reshape(len(values), -1)
    bounds = np.full((2, flat.shape[1]), np.nan)
    for place in range(flat.shape[1]):
        defined = flat[:, place][np.isfinite(flat[:, place])]
        if defined.size:
            bounds[:, place] = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    low, high = bounds.reshape(2, *values.shape[1:])
    return low, high


def ratio(over: Floats, under: Floats) -> Floats:
    """over / under, NaN where `under` is 0 up to rounding."""
    over, under = np.broadcast_arrays(over, under)
    return np.asarray(np.divide(over, under, out=np.full(over.shape, np.nan), where=np.abs(under) > 1e-12))
