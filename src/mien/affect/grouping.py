"""Many labels into few: groups of labels, by maximum, noisy-or or sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.errors import RequestError

Array = NDArray[np.float64]
How = Literal["max", "noisy_or", "sum"]
Groups = Mapping[str, Sequence[str]]


def members(groups: Groups, order: Sequence[str]) -> list[list[int]]:
    """Positions of every group's labels in `order`; RequestError names a label that is not there or stands twice."""
    flat = [label for labels in groups.values() for label in labels]
    if unknown := [label for label in flat if label not in order]:
        raise RequestError(f"groups name unknown labels: {', '.join(unknown)}; there are: {', '.join(order)}")
    if len(set(order)) != len(order):
        raise RequestError(f"the labels must differ, got: {', '.join(order)}")
    place = {label: index for index, label in enumerate(order)}
    return [[place[label] for label in labels] for labels in groups.values()]


def group(values: ArrayLike, order: Sequence[str], groups: Groups, *, how: How = "max") -> Array:
    """Values (..., len(order)) gathered into groups (..., len(groups)).

    how: "max" (the strongest of a group) or "noisy_or" (1 - product of the complements) for independent probabilities,
    "sum" for a distribution. A sum of independent probabilities is no probability and is refused: RequestError, as for
    values outside [0, 1]. Groups may overlap except under "sum"; labels in no group are left out.

    >>> group([0.5, 0.5, 0.0], ["joy", "love", "fear"], {"good": ["joy", "love"], "bad": ["fear"]}, how="sum")
    array([1., 0.])
    """
    array = np.asarray(values, dtype=np.float64)
    places = members(groups, order)
    _check(array, order, how)
    if how == "sum":
        flat = [place for own in places for place in own]
        if len(set(flat)) != len(flat):
            raise RequestError("a label stands in two groups: its probability cannot be summed twice")
        columns = [array[..., own].sum(axis=-1) for own in places]
    elif how == "max":
        columns = [array[..., own].max(axis=-1, initial=0.0) for own in places]
    elif how == "noisy_or":
        columns = [1.0 - (1.0 - array[..., own]).prod(axis=-1) for own in places]
    else:
        raise RequestError(f"unknown grouping {how!r}; allowed: max, noisy_or, sum")
    return np.stack(columns, axis=-1)


def _check(array: Array, order: Sequence[str], how: str) -> None:
    if array.ndim == 0 or array.shape[-1] != len(order):
        raise RequestError(f"there are {len(order)} labels but the values have shape {array.shape}")
    if not np.isfinite(array).all() or (array.size and (array.min() < -1e-6 or array.max() > 1 + 1e-6)):
        raise RequestError("probabilities must be finite and in [0, 1]")
    if how == "sum" and array.size and np.abs(array.sum(axis=-1) - 1.0).max() > 1e-3:
        worst = array.sum(axis=-1).flat[int(np.abs(array.sum(axis=-1) - 1.0).argmax())]
        raise RequestError(
            f"only distributions can be summed: the values sum to {worst:.3f}, not to 1; use max or noisy_or for "
            "independent probabilities"
        )


def present(values: ArrayLike, labels: Sequence[str], threshold: float) -> list[list[str]]:
    """The labels whose value lies above `threshold`, one list per row of values (n, len(labels))."""
    array = np.atleast_2d(np.asarray(values, dtype=np.float64))
    if array.shape[-1] != len(labels):
        raise RequestError(f"there are {len(labels)} labels but the values have shape {array.shape}")
    return [[label for label, on in zip(labels, row, strict=True) if on] for row in array > threshold]
