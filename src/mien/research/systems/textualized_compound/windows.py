"""Frames pooled by their highest value: chunks to train on, a window around each frame to answer for it (no torch)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError

Floats = NDArray[np.float64]


def chunks(frames: NDArray[np.floating], hop: int = 10) -> Floats:
    """Highest value of each feature in consecutive chunks of `hop` frames, the last one shorter: (frames, width)."""
    values = _frames(frames, hop)
    return np.stack([values[first : first + hop].max(axis=0) for first in range(0, len(values), hop)])


def centred(frames: NDArray[np.floating], size: int = 20) -> Floats:
    """One row a frame: the highest values from size // 2 frames before it to as many after it, within the clip."""
    values = _frames(frames, size)
    reach = size // 2
    return np.stack([values[max(at - reach, 0) : at + reach + 1].max(axis=0) for at in range(len(values))])


def main_faces(frames: NDArray[np.integer], scores: NDArray[np.floating]) -> NDArray[np.int64]:
    """The row of the face with the highest score in each frame, the first of equal ones, in the order of the frames."""
    order = np.lexsort((np.arange(len(frames)), -np.asarray(scores, float), frames))
    _, first = np.unique(np.asarray(frames)[order], return_index=True)
    chosen: NDArray[np.int64] = order[first]
    return chosen


def _frames(frames: NDArray[np.floating], length: int) -> Floats:
    values = np.asarray(frames, float)
    if values.ndim != 2 or not len(values) or length < 1:
        raise RequestError(f"frames must be (frames, width) and the window 1 or more, got {values.shape} and {length}")
    return values
