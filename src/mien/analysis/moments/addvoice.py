"""`mien models add voice`: an encoder of voices that heard thousands of speakers, out of a wheel the user has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.analysis.checkpoint import read_tensors
from mien.analysis.lstm import Layer, lstm_onnx
from mien.analysis.moments.wheel import member
from mien.errors import InputError
from mien.files import cache_folder, write_atomic

MEMBER = "pretrained.pt"
"""The file looked for in the wheel (Resemblyzer 0.1.4 has it in resemblyzer/)."""
BANDS, WIDTH, LAYERS = 40, 256, 2
"""Inputs, states, and how many of its three layers are kept: the second tells most of feeling."""
_PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def added_voice() -> Path:
    """Where the converted encoder lies once it was added."""
    return cache_folder() / "voice" / "encoder.onnx"


def add_voice(wheel: str | os.PathLike[str]) -> Path:
    """Convert the first layers of the speaker encoder out of a wheel (or its .pt file) and keep them; returns where.

    Needs neither torch nor the onnx package, and runs nothing of what the wheel holds. InputError where the file holds
    no such model. Nothing is downloaded: `pip download --no-deps resemblyzer==0.1.4` gets the wheel.
    """
    data = member(Path(wheel), MEMBER, "Resemblyzer 0.1.4", 64 << 20)
    try:
        tensors = read_tensors(data, "model_state")
        layers = [_layer(tensors, place) for place in range(LAYERS)]
    except ValueError as error:
        why = f"{MEMBER} cannot be used: {error}; give the wheel of Resemblyzer 0.1.4"
        raise InputError(wheel, "", why) from None
    write_atomic(added_voice(), lstm_onnx(layers), "name another folder in MIEN_CACHE")
    return added_voice()


def _layer(tensors: dict[str, NDArray[Any]], place: int) -> Layer:
    inputs = BANDS if place == 0 else WIDTH
    shapes = ((4 * WIDTH, inputs), (4 * WIDTH, WIDTH), (4 * WIDTH,), (4 * WIDTH,))
    found = []
    for part, shape in zip(_PARTS, shapes, strict=True):
        values = tensors.get(f"lstm.{part}_l{place}")
        if values is None or values.shape != shape or values.dtype != np.float32 or not np.isfinite(values).all():
            told = "missing" if values is None else f"{values.dtype} {values.shape}"
            raise ValueError(f"lstm.{part}_l{place} is {told}, expected float32 {shape}")
        found.append(values)
    return Layer(*found)
