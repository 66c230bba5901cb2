"""Which face detector is used: the best that is there."""

from __future__ import annotations

from mien.analysis.media.recording import Notice
from mien.analysis.moments.addface import added_face
from mien.analysis.moments.blaze import BlazeFaces
from mien.analysis.moments.detect import FaceDetector, HogFaces
from mien.errors import InputError


def face_detector() -> tuple[FaceDetector | None, tuple[Notice, ...]]:
    """The detector and what is to be said about it: BlazeFace where the user added it, else dlib, else none."""
    notices: list[Notice] = []
    if added_face().is_file():
        try:
            return BlazeFaces(added_face()), ()
        except InputError as error:
            notices.append(Notice("face-detector-broken", f"{error}; the built-in detector was used instead"))
    try:
        return HogFaces(), tuple(notices)
    except (ImportError, OSError):
        text = "no face detector: faces were not looked for (pip install dlib-bin, or mien models add face)"
        return None, (*notices, Notice("no-face-detector", text))
