"""The closed label sets whose free-text answers are scored here, and reading a reference label of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mien.errors import RequestError
from mien.scoring.wordforms import forms_of


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """A data set's labels. name; labels in published order; ids: whether numbers 1, 2, ... stand for them."""

    name: str
    labels: tuple[str, ...]
    ids: bool = False

    def label(self, written: object) -> str | None:
        """The label that a reference cell means (its number, any case, any known word form); None for others."""
        text = str(written).strip().lower()
        if self.ids and text.removesuffix(".0").isdigit():
            place = int(text.removesuffix(".0"))
            return self.labels[place - 1] if 1 <= place <= len(self.labels) else None
        return forms_of(self.labels).get(text)


_DFEW = ("happy", "sad", "neutral", "angry", "surprise", "disgust", "fear")

CLOSED_SETS: dict[str, ClosedSet] = {
    one.name: one
    for one in (
        ClosedSet("dfew", _DFEW, ids=True),
        ClosedSet("mer2024", ("happy", "sad", "neutral", "angry", "surprise", "worried")),
        ClosedSet("mafw", (*_DFEW, "contempt", "anxiety", "helplessness", "disappointment")),
    )
}
"""DFEW with its ids 1-7, MER2024 (SEMI, NOISE), MAFW; Emotion-Qwen scripts @8c52bf3, HumanOmni @26fa491."""


def closed_set(name: str) -> ClosedSet:
    """The set of that name; RequestError lists what is allowed."""
    if name not in CLOSED_SETS:
        raise RequestError(f"unknown data set {name!r}; allowed: {', '.join(CLOSED_SETS)}")
    return CLOSED_SETS[name]


def guess_set(written: Iterable[object]) -> ClosedSet | None:
    """The first set that knows every one of these reference labels; None where none does."""
    cells = set(map(str, written))
    return next((one for one in CLOSED_SETS.values() if all(one.label(cell) is not None for cell in cells)), None)
