"""The models as a list: what each reads, how large it is, on what terms, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import msgspec

from mien.analysis.moments.addface import added_landmarks, landmarks_there
from mien.analysis.moments.addvoice import added_voice

ROOMS = ("mien.analysis.senses.weights", "mien.analysis.moments.weights")

POINTS_ID = "face-points"
"""Id of the points of faces that the user added."""

READS = {"speech": "audio", "stress": "signal"}  # family -> modality, where their names differ


@dataclass(frozen=True)
class Model:
    """A shipped model, or one that the user added.

    id: as in every Evidence; reads: its modality ("voice" for the embedding that tells speakers apart); bytes on
    disk; terms: licence of the weights; commercial: whether these allow commercial use; summary: one sentence.
    """

    id: str
    reads: str
    bytes: int
    terms: str
    commercial: bool
    summary: str


def models() -> list[Model]:
    """Every model that can answer, in the order of their ids: all that are shipped, and what the user added."""
    found = [_model(card, size) for card, size in _cards()]
    if landmarks_there():
        found.append(_points(sum(path.stat().st_size for path in added_landmarks())))
    return sorted(found, key=lambda model: model.id)


def terms(id: str) -> str:
    """The terms of the model of that id; "" for one that is not shipped."""
    return next((model.terms for model in models() if model.id == id), "")


def _cards() -> Iterator[tuple[dict[str, Any], int]]:
    added = {"speech_encoder": added_voice()}  # heads that answer only with what the user added
    for room in ROOMS:
        files = list(resources.files(room).iterdir())
        for file in files:
            if file.name.endswith(".json"):
                stem = file.name.removesuffix(".json")
                if stem in added and not added[stem].is_file():
                    continue
                sizes = [len(f.read_bytes()) for f in files if f.name.startswith(f"{stem}.") and f is not file]
                sizes += [added[stem].stat().st_size] if stem in added else []
                yield msgspec.json.decode(file.read_bytes()), sum(sizes)


def _points(size: int) -> Model:
    what = "468 points of a face and the contours of its eyes: cues of lips, brows and eyes, which change no answer"
    terms = "MediaPipe's, Apache-2.0 there (the wheel does not say); from a wheel that you added"
    return Model(POINTS_ID, "face", size, terms, True, what)


def _model(card: dict[str, Any], size: int) -> Model:
    terms = str(card.get("terms") or card.get("licence", "see its card"))
    restricted = any(word in terms.lower() for word in ("non-commercial", "noncommercial", "-nc", "research"))
    family = str(card["id"]).split("-")[0]
    return Model(card["id"], READS.get(family, family), size, terms, not restricted, str(card["what"]))
