"""Plain measurements on a 64 x 64 face crop: sharpness, light, quality, mouth movement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_POSE_WORTH = {0: 1.0, -1: 0.8, 1: 0.8, -2: 0.85, 2: 0.85}
_FACE = slice(12, 52)
_UPPER = slice(14, 34), slice(14, 50)
_MOUTH = slice(37, 52), slice(20, 44)
_REACH = 2


def sharpness(crop: NDArray[np.uint8]) -> float:
    """How sharp a crop is, in [0, 1]: energy of the Laplacian inside the box against the variance of its greys."""
    face = crop[_FACE, _FACE].astype(np.float32)
    bend = 4 * face[1:-1, 1:-1] - face[:-2, 1:-1] - face[2:, 1:-1] - face[1:-1, :-2] - face[1:-1, 2:]
    ratio = float((bend**2).mean() / (face.var() + 1.0))
    return float(np.clip(np.sqrt(ratio) / 0.6, 0.0, 1.0))


def light(crop: NDArray[np.uint8]) -> float:
    """How well a crop is lit, in [0, 1]: low for little contrast and for many black or white pixels."""
    face = crop[_FACE, _FACE]
    contrast = min(1.0, float(face.std()) / 30.0)
    lost = float(((face <= 4) | (face >= 251)).mean())
    return contrast * max(0.0, 1.0 - 1.5 * lost)


def quality(*, size: float, sharp: float, lit: float, pose: int, shown: float, score: float) -> float:
    """How far a face can be read, in [0, 1].

    size: side of the box in source pixels (24 is unreadable, 120 plenty); sharp, lit: in [0, 1]; pose: see Found;
    shown: part of the box inside the picture; score: of the detector (occluded faces score low).
    """
    large = float(np.clip(np.log2(max(size, 1.0) / 24.0) / np.log2(5.0), 0.0, 1.0))
    sure = float(np.clip(0.6 + 0.4 * score, 0.2, 1.0))
    worth = large * (0.3 + 0.7 * sharp) * (0.2 + 0.8 * lit) * _POSE_WORTH.get(pose, 0.8) * shown**2 * sure
    return float(np.clip(worth, 0.0, 1.0))


def mouth_motion(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> float:
    """How much more the mouth moved than the upper face between two crops cut at the same place; 0 is still.

    Head movement is taken out by the whole-pixel shift (up to 2) that fits the upper face best; the rest is in
    units of the face's own contrast. NaN where the two pictures do not show the same face (a cut between them).
    """
    now_f, before_f = now.astype(np.float32), before.astype(np.float32)
    contrast = float(now_f[_FACE, _FACE].std()) + 4.0
    rows, columns = _shift(now_f, before_f)
    upper = _difference(now_f, before_f, _UPPER, rows, columns)
    if upper > 0.6 * contrast:
        return float("nan")
    mouth = _difference(now_f, before_f, _MOUTH, rows, columns)
    return max(0.0, mouth - upper) / contrast


def _shift(now: NDArray[np.float32], before: NDArray[np.float32]) -> tuple[int, int]:
    """The shift (rows, columns) of `before` that fits the upper face best; none unless it helps."""
    rows, columns = _UPPER
    reach = _REACH
    wide = before[rows.start - reach : rows.stop + reach, columns.start - reach : columns.stop + reach]
    windows = np.lib.stride_tricks.sliding_window_view(wide, (rows.stop - rows.start, columns.stop - columns.start))
    cost = np.abs(windows - now[_UPPER]).mean(axis=(2, 3))
    cost[reach, reach] *= 0.95
    best = np.unravel_index(int(cost.argmin()), cost.shape)
    return int(best[0]) - reach, int(best[1]) - reach


def _difference(
    now: NDArray[np.float32], before: NDArray[np.float32], where: tuple[slice, slice], rows: int, columns: int
) -> float:
    y, x = where
    moved = before[y.start + rows : y.stop + rows, x.start + columns : x.stop + columns]
    return float(np.abs(now[y, x] - moved).mean())
