"""The weighted face: every face of a frame counts by the area of its box (paper, section 3.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.errors import RequestError

Scale = Literal["sum", "max"]
"""Areas over their sum, or over the largest: the paper says "normalised to 0-1" and not how."""


def weighted_face(features: ArrayLike, areas: ArrayLike, *, width: int, scale: Scale = "sum") -> NDArray[np.float64]:
    """The embedding of one frame, (width,): features (faces, width), areas (faces,); zeros where it has no face."""
    area = np.asarray(areas, np.float64).reshape(-1)
    faces = np.asarray(features, np.float64).reshape(-1, width)
    if len(area) != len(faces):
        raise RequestError(f"{len(faces)} faces with {len(area)} areas")
    if not len(area):
        return np.zeros(width)
    if not np.all(area > 0):
        raise RequestError(f"areas of faces must be above 0, got {area.min()}")
    return np.asarray((area / (area.sum() if scale == "sum" else area.max())) @ faces)


def utterance_face(
    frames: Sequence[tuple[ArrayLike, ArrayLike]], *, width: int, scale: Scale = "sum"
) -> NDArray[np.float64] | None:
    """The largest of each feature over the frames, (width,); frames: (features, areas) of each.

    None where there is no frame: then the modality is absent, which zeros would not say.
    """
    if not frames:
        return None
    return np.asarray(np.max([weighted_face(*frame, width=width, scale=scale) for frame in frames], axis=0))
