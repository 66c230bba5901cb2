"""Where emotions lie in the space of valence, arousal and dominance, and what lies near a point.

A name found for a point describes the point; it is no emotion that anybody recognised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.affect.names import alias
from mien.errors import RequestError

Array = NDArray[np.float64]
Centroids = Mapping[str, Sequence[float]]

# Russell & Mehrabian 1977, "Evidence for a three-factor theory of emotions": pleasure, arousal, dominance in [-1, 1].
# Contempt is not in that table; its mean of anger and disgust is Mien's own. Neutral at the origin is a convention.
CENTROIDS: dict[str, tuple[float, float, float]] = {
    "neutral": (0.0, 0.0, 0.0),
    "anger": (-0.51, 0.59, 0.25),
    "disgust": (-0.60, 0.35, 0.11),
    "fear": (-0.64, 0.60, -0.43),
    "happiness": (0.81, 0.51, 0.46),
    "sadness": (-0.63, -0.27, -0.33),
    "surprise": (0.40, 0.67, -0.13),
    "contempt": (-0.555, 0.47, 0.18),
}

NEUTRAL_RADIUS = 0.1


def expected_point(probabilities: ArrayLike, order: Sequence[str], centroids: Centroids = CENTROIDS) -> Array:
    """The mean of the centroids under distributions (..., len(order)): (..., 3) valence, arousal, dominance.

    Common aliases are known ("joy" is happiness). Raises RequestError naming the labels without a centroid.
    """
    table = {alias(label): place for label, place in centroids.items()}
    if missing := [label for label in order if alias(label) not in table]:
        raise RequestError(f"no centroid for: {', '.join(missing)}; known: {', '.join(centroids)}")
    values = np.asarray(probabilities, dtype=np.float64)
    if values.ndim == 0 or values.shape[-1] != len(order):
        raise RequestError(f"there are {len(order)} labels but the values have shape {values.shape}")
    points: Array = values @ np.array([table[alias(label)] for label in order], dtype=np.float64)
    return points


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest centroid of every point, each field of shape (n,): label, distance, and the second nearest."""

    labels: tuple[str, ...]
    distances: Array
    runners_up: tuple[str, ...]
    runner_up_distances: Array


def nearest(points: ArrayLike, centroids: Centroids = CENTROIDS) -> Nearest:
    """The nearest centroid of points (n, 2) valence-arousal or (n, 3) with dominance; ties to the first centroid.

    Raises RequestError for another shape, values that are not finite, or fewer than two centroids.
    """
    array = _points(points, (2, 3))
    if len(centroids) < 2:
        raise RequestError("at least two centroids are needed")
    names = list(centroids)
    table = np.array([list(centroids[name])[: array.shape[1]] for name in names], dtype=np.float64)
    distances = np.linalg.norm(array[:, None, :] - table[None], axis=-1)
    order = distances.argsort(axis=1, kind="stable")[:, :2]
    rows = np.arange(len(array))
    return Nearest(
        tuple(names[index] for index in order[:, 0]),
        distances[rows, order[:, 0]],
        tuple(names[index] for index in order[:, 1]),
        distances[rows, order[:, 1]],
    )


def polar(points: ArrayLike) -> tuple[Array, Array]:
    """Angle in degrees [0, 360) from pleasure towards arousal (NaN at the origin) and radius, of points (n, 2 or 3)."""
    array = _points(points, (2, 3))
    radius = np.hypot(array[:, 0], array[:, 1])
    angle = np.degrees(np.arctan2(array[:, 1], array[:, 0])) % 360.0
    # A tiny negative angle is 360 in floating point.
    return np.where(radius > 0, np.where(angle >= 360.0, 0.0, angle), np.nan), radius


def quadrant(points: ArrayLike, *, neutral_radius: float = NEUTRAL_RADIUS) -> list[str | None]:
    """ "high-arousal negative" and so on for points (n, 2 or 3); None nearer than `neutral_radius` to the middle."""
    array = _points(points, (2, 3))
    _, radius = polar(array)
    return [
        None
        if distance < neutral_radius
        else f"{'high' if row[1] >= 0 else 'low'}-arousal {'positive' if row[0] >= 0 else 'negative'}"
        for row, distance in zip(array, radius, strict=True)
    ]


def _points(points: ArrayLike, widths: tuple[int, ...]) -> Array:
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] not in widths:
        raise RequestError(f"points need shape (n, 2) or (n, 3), got {array.shape}")
    if not np.isfinite(array).all():
        raise RequestError("points must be finite; leave out missing ones first")
    return array
