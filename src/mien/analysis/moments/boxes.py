"""Boxes x1, y1, x2, y2 as float arrays: overlap, suppression, assignment."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Boxes = NDArray[np.float32]


def as_boxes(boxes: ArrayLike) -> Boxes:
    """(n, 4) float32, also for an empty list."""
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def iou(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of each of (n, 4) with each of (m, 4): (n, m) in [0, 1]; empty boxes overlap nothing."""
    a, b = as_boxes(a).astype(np.float64)[:, None], as_boxes(b).astype(np.float64)[None]
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    common = np.clip(width, 0, None) * np.clip(height, 0, None)
    union = _area(a) + _area(b) - common
    shared: NDArray[np.float64] = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return np.clip(shared, 0.0, 1.0)


def suppress(boxes: ArrayLike, scores: ArrayLike, most: float = 0.4) -> NDArray[np.intp]:
    """Indices of the boxes kept, best score first: none overlaps a better one by more than `most`."""
    scores = np.asarray(scores, np.float64)
    overlaps = iou(boxes, boxes)
    kept: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        if all(overlaps[index, other] <= most for other in kept):
            kept.append(int(index))
    return np.array(kept, np.intp)


def assign(worth: ArrayLike, least: float) -> list[tuple[int, int]]:
    """Pairs (row, column) of an (n, m) table, each row and column once at most: best first, none under `least`."""
    table = np.array(worth, np.float64, ndmin=2)
    pairs: list[tuple[int, int]] = []
    while table.size and np.nanmax(table, initial=-np.inf) >= least:
        row, column = np.unravel_index(int(np.nanargmax(table)), table.shape)
        pairs.append((int(row), int(column)))
        table[row, :] = -np.inf
        table[:, column] = -np.inf
    return pairs


def around(box: ArrayLike, factor: float) -> NDArray[np.float64]:
    """The square about a box's centre, `factor` times as wide as the box's longer side."""
    x1, y1, x2, y2 = np.asarray(box, np.float64)
    half = max(x2 - x1, y2 - y1) * factor / 2
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    return np.array([x - half, y - half, x + half, y + half])


def side(box: ArrayLike) -> float:
    """The longer side of a box."""
    x1, y1, x2, y2 = np.asarray(box, np.float64)
    return float(max(x2 - x1, y2 - y1))


def inside(box: ArrayLike, width: float, height: float) -> float:
    """The part of a box that lies in the picture, in [0, 1]."""
    x1, y1, x2, y2 = np.asarray(box, np.float64)
    area = (x2 - x1) * (y2 - y1)
    shown = max(0.0, min(x2, width) - max(x1, 0.0)) * max(0.0, min(y2, height) - max(y1, 0.0))
    return float(np.clip(shown / area, 0.0, 1.0)) if area > 0 else 0.0


def _area(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    sides = np.clip(boxes[..., 2:] - boxes[..., :2], 0, None)
    area: NDArray[np.float64] = sides[..., 0] * sides[..., 1]
    return area
