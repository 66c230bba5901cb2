"""Label spaces: the ordered names an answer can have, and where the order comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.errors import RequestError

Kind = Literal["categorical", "multilabel", "dimensional"]


@dataclass(frozen=True, slots=True)
class Space:
    """An ordered label space.

    name: its id; labels: in published order; kind: `categorical` (values sum to 1), `multilabel` (independent
    probabilities) or `dimensional`; source: where order and names come from; low, high: range of a dimensional space.
    """

    name: str
    labels: tuple[str, ...]
    kind: Kind
    source: str
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels):
            raise RequestError(f"space {self.name}: duplicate labels in {self.labels}")

    def index(self, label: str) -> int:
        """Position of `label`; RequestError lists what is allowed."""
        if label not in self.labels:
            raise RequestError(f"space {self.name} has no label {label!r}; it has: {', '.join(self.labels)}")
        return self.labels.index(label)


_GOEMOTIONS = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire disappointment disapproval "
    "disgust embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief "
    "remorse sadness surprise neutral"
)

SPACES: dict[str, Space] = {
    space.name: space
    for space in (
        Space(
            "basic7",
            ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise"),
            "categorical",
            "Mien's own default: the order its senses answer in",
        ),
        Space(
            "ferplus8",
            ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"),
            "categorical",
            "Barsoum et al. 2016, FER+ (arXiv 1608.01041), vote columns",
        ),
        Space(
            "goemotions28",
            tuple(_GOEMOTIONS.split()),
            "multilabel",
            "Demszky et al. 2020, GoEmotions (arXiv 2005.00547), emotions.txt",
        ),
        Space(
            "brighter6",
            ("anger", "disgust", "fear", "joy", "sadness", "surprise"),
            "multilabel",
            "Muhammad et al. 2025, BRIGHTER (arXiv 2502.11926), track A columns",
        ),
        Space(
            "cexpr7",
            (
                "fearfully surprised",
                "happily surprised",
                "sadly surprised",
                "disgustedly surprised",
                "angrily surprised",
                "sadly fearful",
                "sadly angry",
            ),
            "categorical",
            "ABAW compound expression challenge (C-EXPR-DB), ids 0-6",
        ),
        Space("sentiment3", ("negative", "neutral", "positive"), "categorical", "MELD sentiment labels"),
        Space("stress2", ("calm", "stress"), "categorical", "Mien's own; never mapped into an emotion space"),
        Space("va", ("valence", "arousal"), "dimensional", "Russell 1980; both in [-1, 1]", -1.0, 1.0),
    )
}

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
        raise RequestError(f"unknown space {name!r}; allowed: {', '.join([*COMMAND_LINE, *SPACES])}")
    return found
