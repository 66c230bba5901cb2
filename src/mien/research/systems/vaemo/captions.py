"""Descriptions of clips for the second stage: a JSON Lines file that anyone can bring.

One object a line: `id` of the clip, `description`, `prompt` and `model` that made it, and, where one has them, an
`embedding` (a list of numbers, of one length over the file) of a text encoder of one's own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError
from mien.files import read_bounded

LIMIT = 256 << 20
FIELDS = ("id", "description", "prompt", "model")


@dataclass(frozen=True, slots=True, eq=False)
class Caption:
    """What a model was asked and said about one clip."""

    description: str
    prompt: str
    model: str
    embedding: NDArray[np.float32] | None = None


def read_captions(path: Path | str, *, one_prompt: bool = True) -> dict[str, Caption]:
    """Captions by the id of the clip.

    DataError for a line that lacks a field, an id that comes twice, or (one_prompt) prompts that differ: a prompt made
    for each clip may hold its label, which the description then repeats.
    """
    found: dict[str, Caption] = {}
    for row, line in enumerate(read_bounded(path, LIMIT).decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        caption = _read(path, row, line)
        name = caption[0]
        if name in found:
            raise DataError(path, row, f"a second description of {name!r}; one a clip is allowed")
        found[name] = caption[1]
    if not found:
        raise DataError(path, None, f"holds no description; each line must be an object with {', '.join(FIELDS)}")
    if one_prompt and len({caption.prompt for caption in found.values()}) > 1:
        why = "prompts differ between clips, so they may hold the label; use one prompt, or set one_prompt=false"
        raise DataError(path, None, why)
    return found


def _read(path: Path | str, row: int, line: str) -> tuple[str, Caption]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) and told[name] for name in FIELDS):
        raise DataError(path, row, f"must be an object with the texts {', '.join(FIELDS)}")
    given = told.get("embedding")
    if given is None:
        return told["id"], Caption(told["description"], told["prompt"], told["model"])
    try:
        vector = np.asarray(given, np.float32)
    except (ValueError, TypeError):
        vector = np.zeros(0, np.float32)
    if vector.ndim != 1 or not len(vector) or not np.isfinite(vector).all():
        raise DataError(path, row, "embedding must be a list of finite numbers")
    return told["id"], Caption(told["description"], told["prompt"], told["model"], vector)


def embeddings(
    captions: Mapping[str, Caption], ids: Sequence[str], width: int, source: Path | str
) -> NDArray[np.float32]:
    """(clips, width) of unit length, zeros for a clip without a description.

    The file's own embeddings where it has them, else hashed words. DataError where only some lines have one, one is not
    `width` wide, or no clip has a description.
    """
    own = [caption.embedding is not None for caption in captions.values()]
    if any(own) and not all(own):
        raise DataError(source, None, f"{own.count(False)} of {len(own)} lines have no embedding; all or none must")
    rows = np.zeros((len(ids), width), np.float32)
    for place, name in enumerate(ids):
        if caption := captions.get(name):
            vector = hashed(caption.description, width) if caption.embedding is None else caption.embedding
            if len(vector) != width:
                raise DataError(source, None, f"{name}: the embedding has {len(vector)} numbers, text_width is {width}")
            rows[place] = vector / max(float(np.linalg.norm(vector)), 1e-12)
    if not rows.any():
        raise DataError(source, None, f"describes none of the {len(ids)} training clips; their ids are like {ids[0]!r}")
    return rows


def hashed(text: str, width: int) -> NDArray[np.float32]:
    """Words and pairs of neighbouring words, each added with a sign at a place that its CRC-32 gives."""
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    vector = np.zeros(width, np.float32)
    for piece in _pieces(words):
        code = zlib.crc32(piece.encode())
        vector[(code >> 1) % width] += 1 if code & 1 else -1
    return vector


def _pieces(words: Sequence[str]) -> Iterable[str]:
    yield from words
    yield from (f"{one} {other}" for one, other in pairwise(words))
