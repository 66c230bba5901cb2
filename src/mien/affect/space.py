"""Label spaces: the ordered names an answer can have, and where the order comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mien.affect import basic_labels, fine_labels, scales
from mien.errors import RequestError

Kind = Literal["categorical", "ordinal", "multilabel", "intensity", "dimensional"]


@dataclass(frozen=True, slots=True)
class Space:
    """An ordered label space; the same names in another order are another space.

    name: its id; labels: in published order and spelling; kind: `categorical` and `ordinal` (probabilities that sum to
    1; ordinal labels stand at equal steps from low to high), `multilabel` (independent probabilities), `intensity`
    (an independent level in [low, high] for every label) or `dimensional` (numbers in [low, high]); source: where
    order and names come from; first: number of the first label in the source's own files; reversed: dimensions whose
    raw numbers run backwards; missing: the number that stands for "no value" in the source's files.
    """

    name: str
    labels: tuple[str, ...]
    kind: Kind
    source: str
    low: float = 0.0
    high: float = 1.0
    first: int = 0
    reversed: tuple[str, ...] = ()
    missing: float | None = None

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels):
            raise RequestError(f"space {self.name}: duplicate labels in {self.labels}")
        if not self.low < self.high:
            raise RequestError(f"space {self.name}: low must be under high, got {self.low} and {self.high}")

    @property
    def exclusive(self) -> bool:
        """Whether the values are one probability shared among the labels (they sum to 1)."""
        return self.kind in ("categorical", "ordinal")

    @property
    def levels(self) -> NDArray[np.float64]:
        """The number each label of an ordinal space stands for, shape (len(labels),)."""
        if self.kind != "ordinal":
            raise RequestError(f"space {self.name} is {self.kind}: only ordinal labels stand for numbers")
        return np.linspace(self.low, self.high, len(self.labels))

    def index(self, label: str) -> int:
        """Position of `label`; RequestError lists what is allowed."""
        if label not in self.labels:
            raise RequestError(f"space {self.name} has no label {label!r}; it has: {', '.join(self.labels)}")
        return self.labels.index(label)

    def numbers(self, labels: Iterable[str]) -> list[int]:
        """The labels' numbers in the source's own files (they count from `first`)."""
        return [self.index(label) + self.first for label in labels]

    def names(self, numbers: Iterable[int]) -> list[str]:
        """The labels behind the source's own numbers; RequestError gives the allowed range."""
        given, last = [int(number) for number in numbers], self.first + len(self.labels) - 1
        for place, number in enumerate(given):
            if not self.first <= number <= last:
                raise RequestError(
                    f"space {self.name}: number {number} (item {place}) is outside {self.first} to {last}"
                )
        return [self.labels[number - self.first] for number in given]


def _split(labels: str) -> tuple[str, ...]:
    return tuple(labels.split(", ")) if labels else ()


def _all() -> Iterable[Space]:
    for name, labels, source, first in basic_labels.ROWS:
        yield Space(name, _split(labels), "categorical", source, first=first)
    for name, labels, source in fine_labels.MULTILABEL:
        yield Space(name, _split(labels), "multilabel", source)
    for name, labels, low, high, source in fine_labels.INTENSITY:
        yield Space(name, _split(labels), "intensity", source, low, high)
    for name, labels, low, high, source in fine_labels.ORDINAL:
        yield Space(name, _split(labels), "ordinal", source, low, high)
    for name, labels, low, high, source, turned, missing in scales.ROWS:
        yield Space(name, _split(labels), "dimensional", source, low, high, reversed=_split(turned), missing=missing)


SPACES: dict[str, Space] = {space.name: space for space in _all()}

COMMAND_LINE = {
    "basic": "basic7",
    "compound": "cexpr7",
    "goemotions": "goemotions28",
    "va": "va",
    "sentiment": "sentiment3",
}


def space(name: str) -> Space:
    """The space of that id, or of its command-line name; RequestError lists what is allowed."""
    found = SPACES.get(COMMAND_LINE.get(name, name))
    if found is None:
        near = get_close_matches(name, SPACES, n=3, cutoff=0.5)
        hint = f" (near it: {', '.join(near)})" if near else ""
        raise RequestError(f"unknown space {name!r}{hint}; allowed: {', '.join([*COMMAND_LINE, *SPACES])}")
    return found


def space_of(labels: Sequence[str], family: str = "") -> Space:
    """The one space with these labels in this order; `family`: what its name begins with ("meld").

    Raises RequestError naming every candidate and its order when none or several fit: index numbers alone never say
    which order they were made in.
    """
    wanted = tuple(labels)
    own = [one for one in SPACES.values() if one.name.startswith(family)]
    exact = [one for one in own if one.labels == wanted]
    if len(exact) == 1:
        return exact[0]
    close = exact or [one for one in own if set(one.labels) == set(wanted)] or (own if family and not wanted else [])
    if not close:
        raise RequestError(f"no space has the labels {', '.join(wanted) or '(none given)'}; give the space by name")
    listed = "; ".join(f"{one.name}: {', '.join(one.labels)}" for one in close)
    raise RequestError(f"the order of the labels must be known, give the space by name; candidates: {listed}")
