"""Any ONNX model on disk as an encoder: words through a tokenizer.json, sound as waveform or log-mel, or pictures.

What it reads is told by its inputs: "input_ids" is words; (n, samples) is a waveform; (n, time, 64) or (n, 64, time) is
Mien's log-mel; (n, channels, high, wide) is a picture with values from 0 to 1, less `mean`, over `deviation`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.sound import BANDS, log_mel
from mien.errors import InputError, RequestError
from mien.files import digest
from mien.research.encoders import Encoder, Material, Rows
from mien.research.encoders.material import RATE
from mien.research.encoders.tokens import Tokens

POOLS = ("mean", "cls", "frames")
_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}
_MOST = 4 << 30


@dataclass(frozen=True, slots=True)
class Port:
    """An input: its name, type and shape (None where it is free)."""

    name: str
    type: Any
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Onnx:
    """The model as an encoder; fields as in `Encoder`."""

    name: str
    version: str
    settings: Mapping[str, Any]
    takes: Material
    width: int
    session: Any
    ports: tuple[Port, ...]
    output: str
    pool: str
    tokens: Tokens | None
    feed: str
    scale: tuple[float, float]

    def read(self, material: Any) -> Rows:
        """(steps, width) float32; one row where it is pooled."""
        rows = [self._run(given) for given in self._inputs(material)]
        if not rows:
            return np.zeros((0, self.width), np.float32)
        if self.pool == "frames" or (self.takes == "frames" and all(len(one) == 1 for one in rows)):
            return np.concatenate(rows)
        if self.takes == "frames":
            found = np.stack([one[0] if self.pool == "cls" else one.mean(axis=0) for one in rows])
        else:
            every = np.stack([one[0] for one in rows]) if self.pool == "cls" else np.concatenate(rows)
            found = every.mean(axis=0, keepdims=True)
        return np.asarray(found, np.float32)

    def _inputs(self, material: Any) -> list[dict[str, NDArray[Any]]]:
        """Inputs of each piece; nothing where there is nothing to read."""
        if self.takes == "words":
            assert self.tokens is not None
            return [self._worded(piece) for piece in self.tokens.pieces(material)]
        first = self.ports[0]
        if self.takes == "frames":
            return [{first.name: self._picture(one, first)} for one in material]
        if not len(material):
            return []
        if self.feed == "waveform":
            return [{first.name: material[None].astype(first.type)}]
        frames = log_mel(material)
        if not len(frames):
            return []
        return [{first.name: (frames.T if first.shape[1] == BANDS else frames)[None].astype(first.type)}]

    def _worded(self, piece: Sequence[int]) -> dict[str, NDArray[Any]]:
        ones = {"attention_mask", "mask"}
        made: dict[str, NDArray[Any]] = {}
        for port in self.ports:
            values = piece if port.name == "input_ids" else [1 if port.name in ones else 0] * len(piece)
            made[port.name] = np.array([values], port.type)
        return made

    def _picture(self, picture: NDArray[np.uint8], port: Port) -> NDArray[Any]:
        from PIL import Image

        channels, high, wide = (port.shape[axis] or default for axis, default in ((1, 3), (2, 224), (3, 224)))
        image = Image.fromarray(picture).resize((wide, high), Image.Resampling.BILINEAR)
        values = np.asarray(image.convert("L") if channels == 1 else image, np.float32) / 255
        values = values[None] if channels == 1 else values.transpose(2, 0, 1)
        return ((values - self.scale[0]) / self.scale[1])[None].astype(port.type)

    def _run(self, given: dict[str, NDArray[Any]]) -> Rows:
        try:
            found = np.asarray(self.session.run([self.output], given)[0], np.float32)
        except Exception as error:  # whatever the runtime raises, in its own types
            shapes = ", ".join(f"{name} {values.shape}" for name, values in given.items())
            why = str(error).strip().splitlines()[0][:160]
            raise InputError(self.settings["file"], "", f"does not take {shapes}: {why}") from None
        if found.ndim == 4:
            found = found.reshape(*found.shape[:2], -1).transpose(0, 2, 1)
        if found.ndim not in (2, 3) or len(found) != 1:
            raise InputError(
                self.settings["file"], self.output, f"gives {found.shape}; (1, width) or (1, steps, width) is needed"
            )
        if self.width and found.shape[-1] != self.width:
            text = f"is {found.shape[-1]} wide here and {self.width} for other input; one width is needed"
            raise InputError(self.settings["file"], self.output, text)
        return np.atleast_2d(found[0])


def build(
    *, model: str = "", tokenizer: str = "", output: str = "", pool: str = "mean", longest: int = 512,
    mean: float = 0.0, deviation: float = 1.0,
) -> Encoder:  # fmt: skip
    """model: the .onnx file; tokenizer: tokenizer.json (default: beside it); output: which (default: the first); pool:
    "mean" of all steps, "cls" the first, "frames" all; longest: tokens of one piece; mean, deviation: of pictures."""
    if pool not in POOLS or deviation <= 0:
        raise RequestError(f"pool {pool!r}, deviation {deviation:g}; allowed: {', '.join(POOLS)}; above 0")
    file = _file(model)
    session = _session(file)
    names = [one.name for one in session.get_outputs()]
    if output and output not in names:
        raise RequestError(f"{file.name} has no output {output!r}; it has: {', '.join(names)}")
    ports = tuple(_port(file, one) for one in session.get_inputs())
    takes, feed = _takes(file, ports)
    words = Path(tokenizer).expanduser() if tokenizer else file.parent / "tokenizer.json"
    tokens = Tokens(words, longest) if takes == "words" else None
    settings = {"weights": digest(file)[:16], "file": file.name, "output": output or names[0], "pool": pool,
                "longest": longest, "mean": mean, "deviation": deviation,
                "tokenizer": hashlib.sha256(words.read_bytes()).hexdigest()[:16] if tokens else ""}  # fmt: skip
    made = Onnx(
        "onnx", "1", settings, takes, 0, session, ports, output or names[0], pool, tokens, feed, (mean, deviation)
    )
    probe = {"words": "a", "sound": np.zeros(RATE, np.float32), "frames": np.zeros((1, 32, 32, 3), np.uint8)}[takes]
    width = made.read(probe).shape[1]
    return Onnx("onnx", "1", settings, takes, width, session, ports, made.output, pool, tokens, feed, made.scale)


def _file(model: str) -> Path:
    if not model:
        raise RequestError("the encoder onnx needs model=FILE.onnx")
    file = Path(model).expanduser()
    if not file.is_file():
        raise InputError(file, "", "is not there")
    if file.stat().st_size > _MOST:
        raise InputError(file, "", f"has more than {_MOST >> 30} GiB")
    return file


def _session(file: Path) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # whatever the runtime raises, in its own types
        raise InputError(file, "", f"is no ONNX model that can be run ({str(error).splitlines()[0][:120]})") from None


def _port(file: Path, told: Any) -> Port:
    if told.type not in _TYPES:
        raise InputError(file, told.name, f"has type {told.type}; known are: {', '.join(_TYPES)}")
    return Port(told.name, _TYPES[told.type], tuple(one if isinstance(one, int) else None for one in told.shape))


def _takes(file: Path, ports: Sequence[Port]) -> tuple[Material, str]:
    """What a model reads, and sound's form; InputError telling its inputs where they are of no known kind."""
    names = {port.name for port in ports}
    if "input_ids" in names and names <= {"input_ids", "attention_mask", "mask", "token_type_ids"}:
        return "words", ""
    if len(ports) == 1:
        shape = ports[0].shape
        if len(shape) == 2:
            return "sound", "waveform"
        if len(shape) == 3 and BANDS in shape[1:]:
            return "sound", "mel"
        if len(shape) == 4 and shape[1] in (1, 3, None):
            return "frames", ""
    told = ", ".join(f"{port.name} {port.shape}" for port in ports)
    raise InputError(
        file, "", f"has the inputs {told}; known are input_ids (with attention_mask, token_type_ids), (n, samples), "
        f"(n, time, {BANDS}) or (n, {BANDS}, time), and (n, 1 or 3, high, wide)"
    )  # fmt: skip
