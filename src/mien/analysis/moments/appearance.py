"""How a face looks, as numbers: enough to say "clearly the same" inside one recording, never who it is."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.analysis.moments.boxes import around

_SIDE = 96
_FINE, _SLACK = 32, 2
_COLOURS = 6
COLOUR = 0.93
"""Product of two colour histograms under which two pictures are not of one person in one dress."""


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


def appearance(rgb: NDArray[np.uint8], box: ArrayLike) -> NDArray[np.float16]:
    """A face's look (1672,): 32 x 32 fine greys of the face, then square roots of colours of hair, face, clothes."""
    fine = _fine(patch(rgb, box, 1.2)).ravel()
    return np.concatenate([fine, _colours(patch(rgb, box, 2.4))]).astype(np.float16)


def alike(a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]) -> float:
    """Likeness of two sets of looks (n, d) and (m, d), in [0, 1]: of the pair that is most alike.

    0 unless the colours agree (COLOUR); then the correlation of the fine greys, shifted by up to 2 of 32 pixels.
    """
    if not len(a) or not len(b):
        return 0.0
    a, b = a.astype(np.float32), b.astype(np.float32)
    cut = _FINE * _FINE
    pairs = np.argwhere(a[:, cut:] @ b[:, cut:].T >= COLOUR)
    return max((_matched(a[i, :cut], b[j, :cut]) for i, j in pairs), default=0.0)


def _fine(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Greys of a face without what is coarser than a sixth of it: light goes, features stay."""
    from PIL import Image

    grey = Image.fromarray(picture.astype(np.float32).mean(axis=2)).resize((_FINE, _FINE), Image.Resampling.BOX)
    coarse = grey.resize((_FINE // 6, _FINE // 6), Image.Resampling.BOX).resize(grey.size, Image.Resampling.BICUBIC)
    return np.asarray(grey, np.float32) - np.asarray(coarse, np.float32)


def _matched(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    first, second = a.reshape(_FINE, _FINE), b.reshape(_FINE, _FINE)
    inner = _FINE - 2 * _SLACK
    windows = np.lib.stride_tricks.sliding_window_view(first, (inner, inner)).reshape(-1, inner * inner)
    middle = second[_SLACK:-_SLACK, _SLACK:-_SLACK].ravel()
    middle = _unit(middle - middle.mean())
    centred = windows - windows.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1) + 1e-9
    return float(np.clip(np.max(centred @ middle / norms), 0.0, 1.0))


def correlation(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Correlation in [-1, 1] of the middle of two crops of equal size."""
    first, second = (crop[12:52:2, 12:52:2].astype(np.float32).ravel() for crop in (a, b))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / scale if scale > 0 else 0.0


def _colours(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Square roots of colour histograms in three bands from top to bottom."""
    levels = (picture.astype(np.intp) * _COLOURS) >> 8
    colour = (levels[..., 0] * _COLOURS + levels[..., 1]) * _COLOURS + levels[..., 2]
    bands = np.array_split(colour, 3, axis=0)
    counts = [np.bincount(band.ravel(), minlength=_COLOURS**3) for band in bands]
    return _unit(np.sqrt(np.concatenate(counts)))


def _unit(values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    return (values / (np.linalg.norm(values) + 1e-9)).astype(np.float32)
