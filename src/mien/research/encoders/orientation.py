"""A face picture as histograms of gradient directions: 48x48 grey, cells of 6 pixels, 8 directions, square roots.

The plain anchor of FER+ (64 cells x 8 directions = 512 numbers): a floor for anything learned. As a sequence it is the
rows of cells from forehead to chin: its steps are places, not times.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.encoders import Encoder, Plain

SIDE, CELL, DIRECTIONS = 48, 6, 8
_CELLS = SIDE // CELL


def build(*, per: str = "picture") -> Encoder:
    """per: "picture" for one row of 512, "row" for eight rows of 64 from top to bottom."""
    if per not in ("picture", "row"):
        raise RequestError(f"per {per!r}; allowed: picture, row")
    width = _CELLS * DIRECTIONS * (_CELLS if per == "picture" else 1)
    return Plain("orientation", "1", "picture", width, histograms, {"per": per})


def histograms(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(1, 512) of an H x W grey picture of any size, scaled to 48x48; each cell's histogram weighted by gradient."""
    small = scaled(grey)
    rise, run = np.gradient(small)
    strength, angle = np.hypot(rise, run), np.arctan2(rise, run) % (2 * np.pi)
    direction = (angle / (2 * np.pi) * DIRECTIONS).astype(int) % DIRECTIONS
    rows, columns = np.indices(small.shape) // CELL
    place = (rows * _CELLS + columns) * DIRECTIONS + direction
    found = np.bincount(place.reshape(-1), strength.reshape(-1), _CELLS * _CELLS * DIRECTIONS)
    total = found.sum()
    return np.sqrt(found / total if total else found).astype(np.float32)[None]


def scaled(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """48 x 48 of a grey picture of any size."""
    if grey.shape == (SIDE, SIDE):
        return grey.astype(np.float32)
    from PIL import Image

    return np.asarray(Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32)
