"""BlazeFace (back camera): the better detector, from a wheel the user has; never shipped, never downloaded.

`addface.add_face` converts it; here its ONNX is run and decoded (Bazarevsky et al. 2019, arXiv:1907.05047; anchors and
decoding as in MediaPipe's ssd_anchors and tensors_to_detections calculators).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.analysis.moments.boxes import around, as_boxes, suppress
from mien.analysis.moments.detect import Found, resized
from mien.errors import InputError

SIDE = 256
"""Width and height of the network's input; its output has one row for each of 896 anchors."""
_SURE, _NEAR = 0.87, 0.2
_UNIT = 1.5
_REGION = 4.0
_ROLLED, _TURNED = 0.30, 0.22
# BlazeFace's boxes reach from the forehead to below the lips; dlib's, from the brows to the chin, are what crops and
# models here are made for: the same face's box in units of the first (fitted by benchmarks/faces.py).
_WIDER, _LOWER = 1.0, -0.03


def anchors() -> NDArray[np.float32]:
    """(896, 2) centres x, y in [0, 1]: two a cell of a 16 x 16 grid, then six a cell of an 8 x 8 grid, row by row."""
    grids = []
    for cells, each in ((16, 2), (8, 6)):
        centre = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        y, x = np.meshgrid(centre, centre, indexing="ij")
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), each, axis=0))
    return np.concatenate(grids)


class BlazeFaces:
    """A FaceDetector on the converted network; InputError where the file is not that network."""

    name = "blazeface-back"

    def __init__(self, path: Path) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
            rows = self._run(np.zeros((SIDE, SIDE), np.uint8))[0].shape
        except Exception as error:  # ONNX Runtime has an error type of its own for each fault
            raise InputError(path, "", f"is no BlazeFace network ({_first_line(error)}); add it again") from None
        if rows != (896, 16):
            raise InputError(path, "", f"is no BlazeFace back-camera network: {rows} for (896, 16); add it again")
        self._anchors = anchors()

    def find(self, grey: NDArray[np.uint8], near: ArrayLike | None = None, effort: int = 0) -> Found:
        """See FaceDetector.find; efforts 1 and 2 also look into overlapping squares of the picture."""
        height, width = grey.shape
        if near is not None:
            return self._inside(grey, around(near, _REGION), _NEAR)
        found = self._inside(grey, np.array([0, 0, width, height], np.float64), 0.0)
        for square in _squares(width, height, effort):
            found = found.joined(self._inside(grey, square, 0.0))
        return self._confirmed(grey, found)

    def _confirmed(self, grey: NDArray[np.uint8], found: Found) -> Found:
        """Only faces that are found again when looked at closely: the network alone takes some objects for faces."""
        kept = Found()
        for box in found.boxes:
            again = self._inside(grey, around(box, _REGION), _SURE)
            kept = kept.joined(again)
        return kept

    def _inside(self, grey: NDArray[np.uint8], region: NDArray[np.float64], least: float) -> Found:
        height, width = grey.shape
        left, top = int(max(0, region[0])), int(max(0, region[1]))
        right, bottom = int(min(width, np.ceil(region[2]))), int(min(height, np.ceil(region[3])))
        if right - left < 8 or bottom - top < 8:
            return Found()
        scale = SIDE / max(right - left, bottom - top)
        small = resized(grey[top:bottom, left:right], scale)[:SIDE, :SIDE]
        canvas = np.zeros((SIDE, SIDE), np.uint8)
        x, y = (SIDE - small.shape[1]) // 2, (SIDE - small.shape[0]) // 2
        canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
        return self._decoded(*self._run(canvas), least).moved(1 / scale, left - x / scale, top - y / scale)

    def _run(self, canvas: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        plane = canvas.astype(np.float32) / np.float32(127.5) - np.float32(1)
        inputs = {self._session.get_inputs()[0].name: np.broadcast_to(plane, (1, 3, SIDE, SIDE)).copy()}
        regressors, scores = self._session.run(["regressors", "classificators"], inputs)
        return regressors[0], scores[0, :, 0]

    def _decoded(self, raw: NDArray[np.float32], logits: NDArray[np.float32], least: float) -> Found:
        scores = logits / np.float32(_UNIT)
        good = np.flatnonzero(scores >= least)
        points = raw[good].reshape(-1, 8, 2)
        points[:, [0, 2, 3, 4, 5, 6, 7]] += self._anchors[good, None] * SIDE
        boxes = _as_dlib(points[:, 0], points[:, 1])
        found = Found(boxes, scores[good].astype(np.float32), _pose(points[:, 2:]))
        return found.take(suppress(boxes, found.scores, 0.3))


def _as_dlib(centre: NDArray[np.float32], size: NDArray[np.float32]) -> NDArray[np.float32]:
    half = size.max(axis=1, keepdims=True) / 2
    middle = centre + np.concatenate([np.zeros_like(half), half * np.float32(2 * _LOWER)], axis=1)
    return as_boxes(np.concatenate([middle - half * np.float32(_WIDER), middle + half * np.float32(_WIDER)], axis=1))


def _pose(points: NDArray[np.float32]) -> NDArray[np.int8]:
    """Coarse pose from the eyes (0: left in the picture, 1: right) and the nose (2), each (n, 2)."""
    eyes = points[:, 1] - points[:, 0]
    apart = np.hypot(eyes[:, 0], eyes[:, 1]) + 1e-6
    roll = np.arctan2(eyes[:, 1], eyes[:, 0])
    nose = points[:, 2] - (points[:, 0] + points[:, 1]) / 2
    turn = (nose * eyes).sum(axis=1) / apart**2
    pose = np.zeros(len(points), np.int8)
    pose[turn < -_TURNED], pose[turn > _TURNED] = -1, 1
    pose[roll < -_ROLLED], pose[roll > _ROLLED] = -2, 2
    return pose


def _squares(width: int, height: int, effort: int) -> list[NDArray[np.float64]]:
    """Overlapping squares that cover a picture: none at effort 0, then as high as the shorter side, then half of it."""
    sides = {0: [], 1: [min(width, height)], 2: [min(width, height), min(width, height) // 2]}[effort]
    squares = []
    for length in sides:
        length = max(length, 32)
        for y in _starts(height, length):
            squares += [np.array([x, y, x + length, y + length], np.float64) for x in _starts(width, length)]
    return squares


def _starts(whole: int, length: int) -> list[float]:
    """Where pieces of this length start so that neighbours share a quarter at least."""
    if whole <= length:
        return [0.0]
    pieces = int(np.ceil((whole - length) / (0.75 * length))) + 1
    return [float(start) for start in np.linspace(0, whole - length, pieces)]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
