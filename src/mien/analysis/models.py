"""The shipped models as a list: what each reads, how large it is, on what terms, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import msgspec

ROOMS = ("mien.analysis.senses.weights", "mien.analysis.moments.weights")

READS = {"speech": "audio", "stress": "signal"}  # family -> modality, where their names differ


@dataclass(frozen=True)
class Model:
    """A shipped model.

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
    """Every shipped model, in the order of their ids."""
    return sorted((_model(card, size) for card, size in _cards()), key=lambda model: model.id)


def terms(id: str) -> str:
    """The terms of the model of that id; "" for one that is not shipped."""
    return next((model.terms for model in models() if model.id == id), "")


def _cards() -> Iterator[tuple[dict[str, Any], int]]:
    for room in ROOMS:
        files = list(resources.files(room).iterdir())
        for file in files:
            if file.name.endswith(".json"):
                stem = file.name.removesuffix(".json")
                sizes = [len(f.read_bytes()) for f in files if f.name.startswith(f"{stem}.") and f is not file]
                yield msgspec.json.decode(file.read_bytes()), sum(sizes)


def _model(card: dict[str, Any], size: int) -> Model:
    terms = str(card.get("terms") or card.get("licence", "see its card"))
    restricted = any(word in terms.lower() for word in ("non-commercial", "noncommercial", "-nc", "research"))
    family = str(card["id"]).split("-")[0]
    return Model(card["id"], READS.get(family, family), size, terms, not restricted, str(card["what"]))
