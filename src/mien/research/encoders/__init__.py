"""Encoders: raw signal to features, one file each, and the store that keeps what they computed.

An encoder is a module with `build(**options) -> Encoder`; one line in `ENCODERS` makes it known. It reads one of
"sound" ((samples,) float32 at 16 kHz), "words" (text), "picture" (H x W grey uint8) or "frames" (n x H x W x 3 uint8,
one for a still), and gives (time, width) float32. One with `read_many` is given several pieces of material at a time.

>>> encoder("hash", width=64).read("so glad you came").shape
(1, 64)
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError

Material = Literal["sound", "words", "picture", "frames"]
Rows = NDArray[np.float32]


class Encoder(Protocol):
    """What turns raw material into features.

    name, version: raised when the numbers change; settings: whatever else they depend on; takes: the material; width:
    of the features.
    """

    @property
    def name(self) -> str:
        """Its name in `ENCODERS`."""

    @property
    def version(self) -> str:
        """Raised when the same material gives other numbers."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Options that the numbers depend on."""

    @property
    def takes(self) -> Material:
        """What it reads."""

    @property
    def width(self) -> int:
        """Numbers a step."""

    def read(self, material: Any) -> Rows:
        """(time, width) float32; no rows where there is nothing to read."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An encoder made of a function; fields as in `Encoder`."""

    name: str
    version: str
    takes: Material
    width: int
    function: Any
    settings: Mapping[str, Any]

    def read(self, material: Any) -> Rows:
        """(time, width) float32 of one piece of material."""
        return np.asarray(self.function(material), np.float32).reshape(-1, self.width)


ENCODERS: Mapping[str, str] = {
    "mel": "mel",
    "prosody": "prosody",
    "hash": "hashing",
    "orientation": "orientation",
    "expression": "expression",
    "hf": "huggingface",
    "onnx": "onnx_model",
}
"""Name -> module of this package, imported when it is asked for."""
OWN = ("hf", "onnx")
"""Those that read a person's own model: they need `model`, a folder or a file."""


def encoder(name: str, **options: Any) -> Encoder:
    """The encoder of that name; RequestError lists names and options, and tells the type of a wrong one."""
    if name not in ENCODERS:
        raise RequestError(f"no encoder {name!r}; encoders: {', '.join(ENCODERS)}")
    build = import_module(f"{__name__}.{ENCODERS[name]}").build
    known = inspect.signature(build).parameters
    for key in options:
        if key not in known:
            raise RequestError(f"encoder {name} has no option {key!r}; it has: {', '.join(known) or 'none'}")
    made: Encoder = build(**{key: _typed(name, key, value, known[key].default) for key, value in options.items()})
    return made


def _typed(name: str, key: str, value: Any, default: Any) -> Any:
    """The value as the type of the default: any as text, a whole number as a number, nothing else as another."""
    if isinstance(default, str):
        return str(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise RequestError(
            f"encoder {name}: {key}={value!r} is no {type(default).__name__}; the default is {default!r}"
        )
    return value
