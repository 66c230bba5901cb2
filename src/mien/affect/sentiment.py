"""From a sentiment score to classes, under the field's conventions, each by its own name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.errors import RequestError

Array = NDArray[np.float64]


def half_away(values: ArrayLike) -> Array:
    """Rounding with halves away from zero (0.5 -> 1, -2.5 -> -3); NumPy's own rounds halves to even (0.5 -> 0)."""
    array = np.asarray(values, dtype=np.float64)
    whole = np.trunc(array)
    return np.asarray(whole + np.sign(array) * (np.abs(array - whole) >= 0.5))


def _sims(values: Array) -> Array:
    return np.digitize(values, (-0.7, -0.1, 0.1, 0.7), right=True).astype(np.float64) - 2.0


# name: (what it does, rule on scores already inside the range).
CONVENTIONS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "seven_numpy_round": ("clip to [-3, 3], halves to even: the usual MOSI and MOSEI scorers", np.rint),
    "seven_half_away": ("clip to [-3, 3], halves away from zero", half_away),
    "five": ("clip to [-2, 2], halves to even", lambda values: np.rint(values.clip(-2, 2))),
    "five_sims": ("CH-SIMS cut points -1, -0.7, -0.1, 0.1, 0.7, 1 (not checked against a file)", _sims),
    "three": ("the sign", np.sign),
    "two_has0": ("1 from zero up, 0 below, over all items", lambda values: (values >= 0).astype(np.float64)),
    "two_non0": (
        "1 above zero, 0 below; an item of exactly zero is left out (NaN)",
        lambda values: np.where(values == 0, np.nan, values > 0),
    ),
}


def classes(scores: ArrayLike, convention: str, *, low: float = -3.0, high: float = 3.0) -> Array:
    """The class of every score under a named convention; NaN where the convention leaves the item out.

    scores: any shape, on the scale [low, high]; those outside are taken as its ends, as the published scorers do.
    Raises RequestError for an unknown convention (naming all) and for scores that are not finite.

    >>> classes([0.5, -0.5, 2.5], "seven_numpy_round")
    array([0., 0., 2.])
    """
    if convention not in CONVENTIONS:
        listed = "; ".join(f"{name}: {what}" for name, (what, _) in CONVENTIONS.items())
        raise RequestError(f"unknown sentiment convention {convention!r}; allowed: {listed}")
    array = np.asarray(scores, dtype=np.float64)
    if not np.isfinite(array).all():
        raise RequestError("sentiment scores must be finite; leave out missing ones first")
    result: Array = CONVENTIONS[convention][1](array.clip(low, high)) + 0.0
    return result
