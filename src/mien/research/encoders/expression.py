"""A face picture as the shipped face network sees it: its last hidden layer (see weights/face.json).

The network was trained on the Training part of FER+: pictures of that part are no fair test of it, and what it makes of
them is better than what it makes of others; PublicTest chose its calibration.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.face import HIDDEN, SIDE, classify
from mien.analysis.senses.model import card
from mien.errors import RequestError
from mien.research.encoders import Encoder, Plain
from mien.research.encoders.orientation import scaled

SHIFT = 4
"""Pixels of 48 that the views are apart."""


def build(*, views: int = 1) -> Encoder:
    """views: 1 for the picture as it is (framed from forehead to chin), or 9 for a 3 x 3 grid of shifted crops, one row
    each: a sequence of places, not of times."""
    if views not in (1, 9):
        raise RequestError(f"views {views!r}; allowed: 1, 9")

    def read(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        face = np.clip(np.rint(scaled(grey)), 0, 255).astype(np.uint8)
        return classify(face[None] if views == 1 else _shifted(face)).hidden

    told = card("face")
    weights = f"{told['id']} {str(told['data_sha256'])[:12]}"
    settings = {"views": views, "weights": weights, "trained_on": "FER+ Training"}  # told with every result
    return Plain("expression", "1", "picture", HIDDEN, read, settings)


def _shifted(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(9, 48, 48): edges repeat where a crop leaves the picture."""
    wide = np.pad(face, SHIFT, mode="edge")
    return np.stack([wide[y : y + SIDE, x : x + SIDE] for y, x in product((0, SHIFT, 2 * SHIFT), repeat=2)])
