"""Which face detector is used: the best that is there."""

from __future__ import annotations

from mien.analysis.media.recording import Notice
from mien.analysis.moments.detect import FaceDetector, HogFaces


def face_detector() -> tuple[FaceDetector | None, tuple[Notice, ...]]:
    """The detector and what is to be said about it."""
    try:
        return HogFaces(), ()
    except ImportError:
        return None, (Notice("no-face-detector", "no face detector: faces were not looked for; pip install dlib-bin"),)
