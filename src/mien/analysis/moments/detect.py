"""Finding faces in one picture: one small interface, dlib's HOG detector behind it by default.

dlib's detector is compiled into its wheel: no weights file, no licence question. Recall, precision and cost against
the alternatives: benchmarks/faces.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.analysis.moments.boxes import Boxes, around, as_boxes, side, suppress

WIDTHS = (640, 1280, 2560)
"""Width of the picture searched at effort 0, 1, 2; dlib needs faces of 80 pixels in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Faces in one picture, best first.

    boxes (n, 4) float32 in pixels of the picture handed in; they may reach over its border. scores (n,) float32,
    above 0 for a sure face, about 1 for a plain one; pose (n,) int8: 0 frontal, -1 turned left, 1 turned right,
    -2 and 2 rolled left and right (as seen in the picture).
    """

    boxes: Boxes = field(default_factory=lambda: as_boxes([]))
    scores: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    pose: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))

    def __len__(self) -> int:
        return len(self.boxes)

    def take(self, which: ArrayLike) -> Found:
        """The faces of these indices."""
        index = np.asarray(which, np.intp)
        return Found(self.boxes[index], self.scores[index], self.pose[index])

    def moved(self, scale: float, x: float, y: float) -> Found:
        """The same faces seen from a picture `scale` times as large, shifted by x, y."""
        shift = np.array([x, y, x, y], np.float32)
        return Found(as_boxes(self.boxes * np.float32(scale) + shift), self.scores, self.pose)

    def joined(self, other: Found, most: float = 0.4) -> Found:
        """Both together, each face once (either alone is taken to have each once)."""
        if not len(self) or not len(other):
            return self if len(self) else other
        boxes = np.concatenate([self.boxes, other.boxes])
        scores = np.concatenate([self.scores, other.scores])
        both = Found(boxes, scores, np.concatenate([self.pose, other.pose]))
        return both.take(suppress(boxes, scores, most))


class FaceDetector(Protocol):
    """Finds faces in a grey picture."""

    @property
    def name(self) -> str:
        """Name and version, for the result."""

    def find(self, grey: NDArray[np.uint8], near: ArrayLike | None = None, effort: int = 0) -> Found:
        """Faces in an H x W picture; with `near` (a box) only about there and about that large.

        effort: 0 quick, 1 also small faces, 2 also those that are small in a large picture.
        """


class HogFaces:
    """dlib's frontal face detector: oriented gradients, five sub-detectors (King 2015, arXiv:1502.00046)."""

    _POSES = np.array([0, -1, 1, -2, 2], np.int8)
    _SURE, _NEAR = 0.0, -0.3
    _FACE, _REGION = 88.0, 1.6

    def __init__(self) -> None:
        import dlib

        self.name = f"dlib-hog-{dlib.__version__}"
        self._detector = dlib.get_frontal_face_detector()

    def find(self, grey: NDArray[np.uint8], near: ArrayLike | None = None, effort: int = 0) -> Found:
        """See FaceDetector.find; a whole picture is searched 640, 1280 or 2560 wide, enlarged at most twice."""
        if near is not None:
            return self._about(grey, np.asarray(near, np.float64))
        height, width = grey.shape
        scale = min(WIDTHS[effort] / max(width, height), 1.0 if effort == 0 else _enlarge(min(width, height)))
        return self._run(resized(grey, scale), self._SURE).moved(1 / scale, 0, 0)

    def _about(self, grey: NDArray[np.uint8], near: NDArray[np.float64]) -> Found:
        height, width = grey.shape
        x1, y1, x2, y2 = around(near, self._REGION)
        left, top = int(max(0, x1)), int(max(0, y1))
        right, bottom = int(min(width, np.ceil(x2))), int(min(height, np.ceil(y2)))
        if right - left < 8 or bottom - top < 8:
            return Found()
        scale = min(self._FACE / side(near), 2.5)
        found = self._run(resized(grey[top:bottom, left:right], scale), self._NEAR)
        return found.moved(1 / scale, left, top)

    def _run(self, grey: NDArray[np.uint8], threshold: float) -> Found:
        boxes, scores, which = self._detector.run(grey, 0, threshold)
        if not len(boxes):
            return Found()
        corners = [(box.left(), box.top(), box.right() + 1, box.bottom() + 1) for box in boxes]
        return Found(as_boxes(corners), np.array(scores, np.float32), self._POSES[np.array(which, np.intp)])


def resized(grey: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """An H x W picture made `scale` times as large (area means when smaller); contiguous, at least one pixel."""
    from PIL import Image

    if scale == 1.0:
        return np.ascontiguousarray(grey)
    height, width = grey.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    picture: Any = Image.fromarray(np.ascontiguousarray(grey))
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))


def _enlarge(shorter: int) -> float:
    """How much a picture may be enlarged: twice, four times where it is no larger than a face."""
    return 4.0 if shorter < 160 else 2.0
