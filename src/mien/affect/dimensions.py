"""Valence, arousal and dominance, and where their numbers come from."""

from __future__ import annotations

from dataclasses import dataclass

from mien.affect.circumplex import CENTROIDS, expected_point
from mien.affect.distribution import Distribution
from mien.errors import RequestError

__all__ = ["CENTROIDS", "Dimensions", "derive"]


@dataclass(frozen=True, slots=True)
class Dimensions:
    """A point in the affective space, each coordinate in [-1, 1] or None where nothing was read.

    derived: names of the coordinates that were computed from a distribution instead of being read;
    source_range: (low, high) of the scale the numbers came from.
    """

    valence: float | None
    arousal: float | None
    dominance: float | None = None
    derived: tuple[str, ...] = ()
    source_range: tuple[float, float] = (-1.0, 1.0)

    def __post_init__(self) -> None:
        for name in ("valence", "arousal", "dominance"):
            value = getattr(self, name)
            if value is not None and not -1.0 - 1e-6 <= value <= 1.0 + 1e-6:
                raise RequestError(f"{name} must be in [-1, 1], got {value}")


def derive(distribution: Distribution) -> Dimensions:
    """Dimensions of a categorical distribution: the mean of the category centroids (Russell & Mehrabian 1977).

    Every coordinate is marked as derived. It says where the categories lie, not what was measured.
    """
    missing = [label for label in distribution.space.labels if label not in CENTROIDS]
    if missing or distribution.space.kind != "categorical":
        raise RequestError(f"space {distribution.space.name} has no centroids for: {', '.join(missing) or 'its kind'}")
    valence, arousal, dominance = expected_point(distribution.values, distribution.space.labels).clip(-1, 1)
    return Dimensions(float(valence), float(arousal), float(dominance), ("valence", "arousal", "dominance"))
