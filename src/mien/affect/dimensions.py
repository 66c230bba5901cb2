"""Valence, arousal and dominance, and where their numbers come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.affect.distribution import Distribution
from mien.errors import RequestError

# Russell & Mehrabian 1977, "Evidence for a three-factor theory of emotions": pleasure, arousal, dominance in [-1, 1].
# Contempt is not in that table; its mean of anger and disgust is Mien's own.
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
    table = np.array([CENTROIDS[label] for label in distribution.space.labels])
    valence, arousal, dominance = (distribution.values @ table).clip(-1, 1)
    return Dimensions(float(valence), float(arousal), float(dominance), ("valence", "arousal", "dominance"))
