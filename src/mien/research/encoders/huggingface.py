"""Any text, voice or picture model saved by transformers, read from a folder: its hidden states as features.

Whether it reads words, sound or pictures is told by its configuration. Weights are safetensors alone, code that a
folder brings is never run, nothing is downloaded. What an item gives does not depend on what was read beside it: pieces
are padded and masked together, and models that cannot be masked read them one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mien.errors import InputError, RequestError, one_line
from mien.research.encoders import Encoder, Material, Rows
from mien.research.encoders.local import folder_of, need, settings_of, weights_hash

POOLS = ("mean", "cls", "frames")
TAKES = ("words", "sound", "frames")
_SOUND = (
    "wav2vec2", "hubert", "wavlm", "unispeech", "sew", "data2vec-audio", "whisper", "audio-spectrogram",
)  # fmt: skip
_PICTURE = (
    "vit", "deit", "beit", "swin", "convnext", "resnet", "dino", "clip_vision", "siglip_vision", "mobilenet",
)  # fmt: skip


class Reader(Protocol):
    """One kind of material: pieces a model can read, and hidden states of several pieces at once."""

    def pieces(self, material: Any) -> list[Any]:
        """What the model reads of it, none where there is nothing."""

    def size(self, piece: Any) -> int:
        """Steps of a piece: pieces of like size are read together."""

    def run(self, pieces: Sequence[Any], states: States) -> list[Rows]:
        """(steps, width) of the real steps of each piece."""


@dataclass(frozen=True, slots=True)
class States:
    """Which hidden states are taken: the mean of `last` layers up to `layer` (-1 the last, 0 the embeddings)."""

    layer: int = -1
    last: int = 1

    def of(self, out: Any) -> Any:
        """(n, steps, width) tensor; the model's own last state for layer -1. RequestError for a layer it lacks."""
        if self.layer == -1 and self.last == 1:
            return _flat(out.last_hidden_state)
        every = out.hidden_states
        end = self.layer if self.layer >= 0 else len(every) + self.layer
        if not 0 <= end < len(every) or end - self.last + 1 < 0:
            raise RequestError(
                f"layer {self.layer}, last {self.last}: this model has the states 0 (embeddings) to {len(every) - 1}, "
                "-1 for the last"
            )
        return sum(map(_flat, every[end - self.last + 1 : end + 1])) / self.last


def _flat(state: Any) -> Any:
    """(n, width, high, wide) of a convolutional network as (n, high * wide, width)."""
    return state.flatten(2).transpose(1, 2) if state.dim() == 4 else state


@dataclass(frozen=True, slots=True)
class Backbone:
    """A model as an encoder; fields as in `Encoder`."""

    name: str
    version: str
    settings: Mapping[str, Any]
    takes: Material
    width: int
    reader: Reader
    states: States
    pool: str
    batch: int

    def read(self, material: Any) -> Rows:
        """(steps, width) float32 of one piece of material; one row where it is pooled."""
        return self.read_many([material])[0]

    def read_many(self, materials: Sequence[Any]) -> list[Rows]:
        """The same of several, read together."""
        pieces = [(place, one) for place, material in enumerate(materials) for one in self.reader.pieces(material)]
        found: list[list[Rows]] = [[] for _ in materials]
        rows: list[Rows] = [np.zeros((0, self.width), np.float32)] * len(pieces)
        for group in self._batches([piece for _, piece in pieces]):
            for at, values in zip(group, self.reader.run([pieces[at][1] for at in group], self.states), strict=True):
                rows[at] = values
        for (place, _), values in zip(pieces, rows, strict=True):
            found[place].append(values)
        return [self._pooled(one) for one in found]

    def _batches(self, pieces: Sequence[Any]) -> Iterator[list[int]]:
        order = sorted(range(len(pieces)), key=lambda at: self.reader.size(pieces[at]))
        for start in range(0, len(order), self.batch):
            yield order[start : start + self.batch]

    def _pooled(self, rows: Sequence[Rows]) -> Rows:
        """One row of all pieces of an item, or all rows of all pieces; pictures give a row each."""
        if not rows:
            return np.zeros((0, self.width), np.float32)
        if self.pool == "frames":
            return np.concatenate(rows)
        if self.takes == "frames":
            found = np.stack([one[0] if self.pool == "cls" else one.mean(axis=0) for one in rows])
        else:
            every = np.stack([one[0] for one in rows]) if self.pool == "cls" else np.concatenate(rows)
            found = every.mean(axis=0, keepdims=True)
        return np.asarray(found, np.float32)


def build(
    *, model: str = "", layer: int = -1, last: int = 1, pool: str = "mean", takes: str = "", longest: int = 0,
    batch: int = 16, device: str = "cpu", online: bool = False,
) -> Encoder:  # fmt: skip
    """model: folder; layer: hidden state, -1 the last; last: mean of so many that end there; pool: "mean" of all steps,
    "cls" the first, "frames" all; takes: words, sound or frames where the folder does not tell; longest: tokens or
    seconds of one piece (0: what the model allows, 30 s); batch: pieces read together; online: look the name up at the
    hub where it is no folder."""
    if pool not in POOLS or takes not in ("", *TAKES) or last < 1 or batch < 1 or longest < 0:
        raise RequestError(f"pool {pool!r}, takes {takes!r}; allowed: {', '.join(POOLS)}; {', '.join(TAKES)}")
    folder = folder_of(model, online=online)
    config = settings_of(folder / "config.json")
    kind = takes or _kind(folder, config)
    reader = _reader(kind, folder, longest, device)
    states = States(layer, last)
    probe = {"words": "a", "sound": np.zeros(16000, np.float32), "frames": np.zeros((1, 32, 32, 3), np.uint8)}[kind]
    first = reader.run(reader.pieces(probe)[:1], states)[0]
    settings = {"weights": weights_hash(folder), "kind": str(config.get("model_type", "")), "layer": layer,
                "last": last, "pool": pool, "takes": kind, "longest": longest}  # fmt: skip
    return Backbone("hf", "1", settings, kind, first.shape[1], reader, states, pool, batch)  # type: ignore[arg-type]


def _kind(folder: Path, config: Mapping[str, Any]) -> str:
    """What a model reads, by its type, else by the files beside it; RequestError where both leave it open."""
    name = str(config.get("model_type", ""))
    if name.startswith(_SOUND):
        return "sound"
    if name.startswith(_PICTURE):
        return "frames"
    beside = {"words": (folder / "tokenizer.json").is_file(), "frames": False, "sound": False}
    prepared = settings_of(folder / "preprocessor_config.json")
    beside["sound"] = "feature_extractor_type" in prepared or "sampling_rate" in prepared
    beside["frames"] = "image_processor_type" in prepared or "image_mean" in prepared
    found = [kind for kind, there in beside.items() if there]
    if len(found) != 1:
        raise RequestError(
            f"{folder}: a {name or 'model'} may read {' or '.join(found or TAKES)}; say takes={TAKES[0]}, ..."
        )
    return found[0]


def _reader(kind: str, folder: Path, longest: int, device: str) -> Reader:
    from mien.research.encoders import hf_picture, hf_sound, hf_words

    made: Any = {"words": hf_words.Words, "sound": hf_sound.Sound, "frames": hf_picture.Pictures}[kind]
    reader: Reader = made(folder, longest, device)
    return reader


def tower(folder: Path, part: str, device: str) -> Any:
    """The model of a folder in evaluation, float32; of several towers the one for this `part` ("text", "vision").

    InputError where the weights do not fill it: a model of another kind would answer at random. RequestError for a
    device that is not there.
    """
    torch, transformers = need("torch", "a model of transformers"), need("transformers", "a model of transformers")
    quiet = transformers.utils.logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    try:
        model, told = transformers.AutoModel.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True
        )
    except Exception as error:  # of a folder from anywhere: whatever it brings the loader to
        raise InputError(folder, "", f"cannot be loaded ({one_line(str(error))[:160]})") from None
    lacking = sorted(name for name in told["missing_keys"] if "pooler" not in name and "masked_spec" not in name)
    if lacking:
        raise InputError(folder, "", f"lacks {len(lacking)} weights of its own kind of model, such as {lacking[0]}")
    found = getattr(model, f"{part}_model", None)
    if found is None:
        found = model.get_encoder() if getattr(model.config, "is_encoder_decoder", False) else model
    try:
        ready: Any = found.to(device=device, dtype=torch.float32).eval().requires_grad_(False)
    except (AssertionError, RuntimeError) as error:  # torch's own two ways to say so
        raise RequestError(f"device {device!r} is not to be had here ({one_line(str(error))[:90]})") from None
    return ready
