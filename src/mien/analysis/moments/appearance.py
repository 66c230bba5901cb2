"""How a face looks, as numbers: enough to say "clearly the same" inside one recording, never who it is."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.analysis.moments.boxes import around

_SIDE = 96
_CELLS, _DIRECTIONS = 6, 8
_COLOURS = 6


def patch(rgb: NDArray[np.uint8], box: ArrayLike, wider: float) -> NDArray[np.uint8]:
    """The 96 x 96 x 3 picture about a box, `wider` times as wide; black beyond the border."""
    from PIL import Image

    x1, y1, x2, y2 = (float(value) for value in around(box, wider))
    picture = Image.fromarray(np.ascontiguousarray(rgb)).crop((round(x1), round(y1), round(x2), round(y2)))
    return np.asarray(picture.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0))


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """An RGB picture as JPEG bytes."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=85)
    return out.getvalue()


def appearance(rgb: NDArray[np.uint8], box: ArrayLike) -> NDArray[np.float32]:
    """A face's look as float32: gradient directions of the face, then colours of hair, face and clothes.

    Each of the two halves has length 1, so that their products are similarities in [0, 1].
    """
    face = patch(rgb, box, 1.2).astype(np.float32).mean(axis=2)
    return np.concatenate([_directions(face), _colours(patch(rgb, box, 2.4))]).astype(np.float32)


def alike(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Similarity of two looks in [0, 1]: the lower of the two halves' products."""
    if not len(a) or not len(b):
        return 0.0
    split = _CELLS * _CELLS * _DIRECTIONS
    return float(min(a[:split] @ b[:split], a[split:] @ b[split:]))


def correlation(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Correlation in [-1, 1] of the middle of two crops of equal size."""
    first, second = (crop[12:52:2, 12:52:2].astype(np.float32).ravel() for crop in (a, b))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / scale if scale > 0 else 0.0


def _directions(face: NDArray[np.float32]) -> NDArray[np.float32]:
    across, down = np.gradient(face, axis=1), np.gradient(face, axis=0)
    size = np.sqrt(np.hypot(across, down))
    bins = ((np.arctan2(down, across) + np.pi) / (2 * np.pi) * _DIRECTIONS).astype(np.intp) % _DIRECTIONS
    cell = np.arange(_SIDE) * _CELLS // _SIDE
    index = (cell[:, None] * _CELLS + cell[None]) * _DIRECTIONS + bins
    flat = np.bincount(index.ravel(), size.ravel(), _CELLS * _CELLS * _DIRECTIONS)
    counts = flat.astype(np.float64).reshape(-1, _DIRECTIONS)
    return _unit((counts / (np.linalg.norm(counts, axis=1, keepdims=True) + 1e-3)).ravel())


def _colours(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Square roots of colour histograms in three bands from top to bottom."""
    levels = (picture.astype(np.intp) * _COLOURS) >> 8
    colour = (levels[..., 0] * _COLOURS + levels[..., 1]) * _COLOURS + levels[..., 2]
    bands = np.array_split(colour, 3, axis=0)
    counts = [np.bincount(band.ravel(), minlength=_COLOURS**3) for band in bands]
    return _unit(np.sqrt(np.concatenate(counts)))


def _unit(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return (values / (np.linalg.norm(values) + 1e-9)).astype(np.float32)
