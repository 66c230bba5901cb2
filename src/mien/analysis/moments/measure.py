"""Plain measurements on a 64 x 64 face crop: sharpness, light, quality, mouth movement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_POSE_WORTH = {0: 1.0, -1: 0.8, 1: 0.8, -2: 0.85, 2: 0.85}
_FACE = slice(12, 52)
_UPPER = slice(14, 34), slice(14, 50)
_MOUTH = slice(36, 53), slice(19, 45)
_REACH = 3
_RIDGE = np.eye(4, dtype=np.float32) * np.float32(1e-3)


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


def mouth_movement(now: NDArray[np.uint8], before: NDArray[np.uint8] | None, lately: NDArray[np.uint8] | None) -> float:
    """Mouth movement at a time, 0 for still: the mean of quick and slow movement where both were seen, else NaN.

    before: the crop one picture of the file earlier, at the same place; lately: the crop one look earlier (about
    0.2 s). Speech moves in both; a smile is slow and soon over. A silent mouth has about 0.01, a talking one 0.04.
    """
    if before is None or lately is None:
        return float("nan")
    new = _smoothed(now)
    return (_motion(new, _smoothed(before)) + _motion(new, _smoothed(lately))) / 2


def mouth_motion(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> float:
    """How much more the mouth changed than the upper face between two crops, in units of the face's contrast; >= 0.

    Movement of the head and change of light are taken out as the upper face shows them: the best whole-pixel shift
    (up to 3), then shift, gain and offset by least squares (Lucas & Kanade 1981). NaN where the two do not show the
    same face (a cut between them).
    """
    return _motion(_smoothed(now), _smoothed(before))


def _motion(new: NDArray[np.float32], old: NDArray[np.float32]) -> float:
    contrast = float(new[_FACE, _FACE].std()) + 4.0
    rows, columns = _shift(new, old)
    upper = _layers(old, _UPPER, rows, columns).reshape(4, -1)
    target = new[_UPPER].ravel()
    weights = np.linalg.solve(upper @ upper.T + _RIDGE, upper @ target)
    weights[:2] = weights[:2].clip(-1.0, 1.0)
    still = float(np.abs(target - weights @ upper).mean())
    if still > 0.5 * contrast:
        return float("nan")
    mouth = np.abs(new[_MOUTH].ravel() - weights @ _layers(old, _MOUTH, rows, columns).reshape(4, -1))
    return max(0.0, float(mouth.mean()) - still) / contrast


def _layers(old: NDArray[np.float32], where: tuple[slice, slice], rows: int, columns: int) -> NDArray[np.float32]:
    """Slopes down and across, one, and the greys of a region of the crop after a roll by rows and columns."""
    y, x = (slice(part.start - move, part.stop - move) for part, move in zip(where, (rows, columns), strict=True))
    grown = old[y.start - 1 : y.stop + 1, x.start - 1 : x.stop + 1]
    layers = np.empty((4, y.stop - y.start, x.stop - x.start), np.float32)
    np.subtract(grown[2:, 1:-1], grown[:-2, 1:-1], out=layers[0])
    np.subtract(grown[1:-1, 2:], grown[1:-1, :-2], out=layers[1])
    layers[:2] *= 0.5
    layers[2] = 1.0
    layers[3] = grown[1:-1, 1:-1]
    return layers


def followed(now: NDArray[np.uint8], last: NDArray[np.uint8]) -> tuple[int, int] | None:
    """How far (x, y) in pixels of a crop the upper face went between two crops at one place, None if that is not sure.

    Much cheaper than a detection, and as sound over a fraction of a second: what looks the same is the same.
    """
    new, old = _smoothed(now), _smoothed(last)
    rows, columns = _shift(new, old)
    if max(abs(rows), abs(columns)) == _REACH:
        return None
    rest = np.abs(new - np.roll(old, (rows, columns), (0, 1)))[_UPPER].mean()
    return (columns, rows) if rest < 0.12 * float(new[_FACE, _FACE].std()) else None


def _shift(new: NDArray[np.float32], old: NDArray[np.float32]) -> tuple[int, int]:
    """The roll (rows, columns) of `old` that fits the upper face best; none unless it helps."""
    rows, columns = _UPPER
    wide = old[rows.start - _REACH : rows.stop + _REACH, columns.start - _REACH : columns.stop + _REACH]
    windows = np.lib.stride_tricks.sliding_window_view(wide, (rows.stop - rows.start, columns.stop - columns.start))
    cost = np.abs(windows[..., ::2, ::2] - new[_UPPER][::2, ::2]).mean(axis=(2, 3))
    cost[_REACH, _REACH] *= 0.95
    best = np.unravel_index(int(cost.argmin()), cost.shape)
    return _REACH - int(best[0]), _REACH - int(best[1])


def _smoothed(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A 1-2-1 filter both ways: noise out, slopes in."""
    wide = np.pad(crop, 1, mode="edge").astype(np.float32)
    rows = (wide[:-2] + 2 * wide[1:-1] + wide[2:]) / 4
    both = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return both.astype(np.float32, copy=False)
