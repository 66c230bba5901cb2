"""From one dimensional scale to another: linear, never by z-scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.affect.space import Space
from mien.errors import RequestError

Array = NDArray[np.float64]


def to_unit(values: ArrayLike, low: float, high: float) -> Array:
    """u = (x - low) / (high - low): the scale's ends become 0 and 1."""
    return (np.asarray(values, dtype=np.float64) - low) / (high - low)


def from_unit(values: ArrayLike, low: float, high: float) -> Array:
    """x = low + u (high - low); the signed scale is low -1, high 1."""
    return low + np.asarray(values, dtype=np.float64) * (high - low)


def rescale(values: ArrayLike, start: Space, goal: Space, *, clip: bool = False) -> Array:
    """Values (..., len(start.labels)) on the scale and in the order of `goal`, (..., len(goal.labels)).

    Exact at both ends and the middle. A dimension that a source stores backwards is turned round; `start.missing` and
    NaN come out as NaN (as `goal.missing` where the goal has one). clip: take values outside the range as its ends.
    Raises RequestError for a dimension that the start lacks and for values outside its range, naming the first.

    >>> from mien.affect.space import SPACES
    >>> rescale([[1.0, 4.0, 7.0]], SPACES["msp-podcast-avd"], SPACES["vad"])
    array([[ 0., -1.,  1.]])
    """
    array = read(values, start, clip=clip)
    if lacking := [label for label in goal.labels if label not in start.labels]:
        raise RequestError(f"{start.name} has no {', '.join(lacking)}; it has: {', '.join(start.labels)}")
    places = [start.index(label) for label in goal.labels]
    unit = to_unit(array[..., places], start.low, start.high)
    turned = [(label in start.reversed) != (label in goal.reversed) for label in goal.labels]
    result = from_unit(np.where(turned, 1.0 - unit, unit), goal.low, goal.high)
    return result if goal.missing is None else np.where(np.isnan(result), goal.missing, result)


def read(values: ArrayLike, space: Space, *, clip: bool = False) -> Array:
    """Values (..., len(space.labels)) as float64, the source's mark of a missing value as NaN.

    Raises RequestError for a wrong shape, and for values outside the range unless `clip` moves them to its ends.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0 or array.shape[-1] != len(space.labels):
        raise RequestError(f"{space.name} has {len(space.labels)} numbers a row, got shape {array.shape}")
    if space.missing is not None:
        array = np.where(array == space.missing, np.nan, array)
    outside = ~np.isnan(array) & ((array < space.low - 1e-9) | (array > space.high + 1e-9))
    if outside.any() and not clip:
        place = tuple(int(index) for index in np.argwhere(outside)[0])
        row = f" in row {place[0]}" if len(place) > 1 else ""
        raise RequestError(
            f"{space.labels[place[-1]]} {array[place]:g}{row} is outside {space.low:g} to {space.high:g}, the range of "
            f"{space.name}; clip it or name the right scale"
        )
    return np.clip(array, space.low, space.high)
