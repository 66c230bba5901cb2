"""Scene cuts and movement, from thumbnails of a few hundred pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_WIDTH = 32
_CUT, _SURE_CUT, _HISTOGRAM = 0.10, 0.22, 0.30


def thumbnail(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Means of square blocks, about 32 across, in [0, 1]."""
    block = max(1, grey.shape[1] // _WIDTH)
    step = max(1, block // 4)
    rows, columns = max(1, grey.shape[0] // block), max(1, grey.shape[1] // block)
    part = grey[: rows * block : step, : columns * block : step]
    across = part.shape[1] // columns
    down = part.shape[0] // rows
    part = part[: rows * down, : columns * across].astype(np.float32)
    blocks: NDArray[np.float32] = part.reshape(rows, down, columns, across).mean(axis=(1, 3))
    return blocks / np.float32(255)


def is_cut(before: NDArray[np.float32], now: NDArray[np.float32]) -> bool:
    """Whether two thumbnails are of different scenes: picture and histogram both changed, or the picture very much."""
    if before.shape != now.shape:
        return True
    change = float(np.abs((now - now.mean()) - (before - before.mean())).mean())
    if change < _CUT:
        return False
    bins = np.linspace(0.0, 1.0001, 17)
    counts = [np.histogram(picture, bins)[0] / picture.size for picture in (before, now)]
    return change > _SURE_CUT or float(np.abs(counts[0] - counts[1]).sum()) / 2 > _HISTOGRAM


def moved(before: NDArray[np.float32], now: NDArray[np.float32], faces: ArrayLike, width: float, height: float) -> bool:
    """Whether anything changed outside these boxes (n, 4) of a width x height picture."""
    if before.shape != now.shape:
        return True
    changed = np.abs(now - before) > 0.04
    rows, columns = now.shape
    for x1, y1, x2, y2 in np.asarray(faces, np.float64).reshape(-1, 4):
        top, bottom = int(max(0, y1 / height * rows)), int(np.ceil(max(0, y2) / height * rows))
        left, right = int(max(0, x1 / width * columns)), int(np.ceil(max(0, x2) / width * columns))
        changed[top:bottom, left:right] = False
    return int(changed.sum()) >= 4
