"""Raw clips for a bench: encoded once before it, and again, disturbed, for the test items of `perturb`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError, RequestError
from mien.research.encoders import OWN, Encoder, encoder
from mien.research.encoders.encode import encode, pool, pooled
from mien.research.encoders.material import RATE, frames, picture, sound
from mien.research.encoders.recorded import record
from mien.research.samples import Clip, Data, Sample

POOLS = ("none", "mean", "mean_std")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A modality and what encodes it; options: name -> value, as JSON text so that it can travel and be compared."""

    modality: str
    name: str
    options: str = "{}"

    @classmethod
    def parse(cls, text: str) -> Encoding:
        """ "audio=mel", "text=hash:width=1024" or "text=hf:FOLDER,layer=-2", where what stands first and has no "=" is
        the model; RequestError otherwise."""
        modality, sign, rest = text.partition("=")
        name, _, given = rest.partition(":")
        parts = [one for one in given.split(",") if one]
        if name in OWN and parts and "=" not in parts[0]:
            parts[0] = f"model={parts[0]}"
        pairs = [one.partition("=") for one in parts]
        if not sign or not modality or not name or any(not equals for _, equals, _ in pairs):
            raise RequestError(f"--encode takes MODALITY=ENCODER or MODALITY=ENCODER:KEY=VALUE,..., got {text!r}")
        made = cls(modality, name, json.dumps({key: _plain(value) for key, _, value in pairs}, sort_keys=True))
        made.encoder()
        return made

    def encoder(self) -> Encoder:
        """The encoder itself, made once a process."""
        return _built(self.name, self.options)

    def record(self) -> dict[str, Any]:
        """What a trained system's folder keeps of it (`encoders.recorded`)."""
        return record(self.modality, json.loads(self.options), self.encoder())


def _plain(text: str) -> Any:
    try:
        return json.loads(text.lower() if text.lower() in ("true", "false") else text)
    except ValueError:
        return text


@cache
def _built(name: str, options: str) -> Encoder:
    return encoder(name, **json.loads(options))


def encoded(data: Data, encodings: Sequence[Encoding], *, pooling: str = "none", store: Path | None = None) -> Data:
    """The data with these modalities encoded, and one vector an item where pooled; the raw clips stay, to be disturbed.

    RequestError for another pooling, or raw clips that nothing encodes where there are no features at all.
    """
    if pooling not in POOLS:
        raise RequestError(f"--pool {pooling!r}; allowed: {', '.join(POOLS)}")
    if encodings:
        made = encode(data, {one.modality: one.encoder() for one in encodings}, store=store)
        kept = (replace(one, clips=old.clips) for one, old in zip(made.samples, data.samples, strict=True))
        data = replace(made, samples=tuple(kept))
    if not data.shape().widths:
        kinds = sorted({name for sample in data.samples for name in sample.clips})
        has = f"raw {', '.join(kinds)}" if kinds else "words" if any(one.words for one in data.samples) else "nothing"
        raise RequestError(
            f"{data.name} has no features, only {has}; encode it: --encode {(kinds or ['text'])[0]}=NAME"
        )
    return data if pooling == "none" else pool(data, pooling)


@dataclass(frozen=True, slots=True)
class Again:
    """Reads a sample's raw clip, lets it be disturbed, and encodes it as its features were."""

    encodings: tuple[Encoding, ...]
    pooling: str = "none"

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those whose raw material it can disturb: sounds and pictures."""
        return tuple(one.modality for one in self.encodings if one.encoder().takes != "words")

    def __call__(self, sample: Sample, name: str, disturb: Any) -> NDArray[np.float32]:
        """(time, width) of the modality; DataError where the sample has no clip of it."""
        made = next(one.encoder() for one in self.encodings if one.modality == name)
        clip = sample.clips.get(name)
        if clip is None:
            raise DataError(sample.id, None, f"has no raw {name} to disturb")
        rows = made.read(_disturbed(clip, made.takes, disturb))
        if not len(rows):
            return np.zeros((0, made.width), np.float32)
        return pooled(rows, self.pooling)


def _disturbed(clip: Clip, takes: str, disturb: Any) -> Any:
    """Sound, a picture or each frame of a film, read anew and disturbed."""
    if takes == "sound":
        return disturb(sound(clip), float(RATE))
    if takes == "picture":
        return disturb(picture(clip), 0.0)
    return np.stack([disturb(one, 0.0) for one in frames(clip)])
