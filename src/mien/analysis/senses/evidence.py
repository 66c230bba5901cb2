"""Evidence: what one sense read in one span, and the protocol every sense follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mien.affect.dimensions import Dimensions
from mien.affect.distribution import Distribution
from mien.affect.space import Space
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span


@dataclass(frozen=True, slots=True)
class Cue:
    """A plain measured fact: "pitch", 3.1, "semitones", "3.1 semitones above this speaker's median"."""

    name: str
    value: float | str
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one sense read in one span.

    modality: audio, face, scene, text or signal; distribution: in the sense's primary space, or None with the reason
    in `insufficient` ("too short: 0.4 s of speech, 1 s needed"); readings: the same material in further spaces;
    quality in [0, 1]: how far the reading can be trusted (0 where insufficient); model: id of the model, for example
    "speech-3"; cues: measured facts. A guest's evidence has all modalities that it read, joined by "+", and quality 0:
    nobody measured how far it can be trusted.
    """

    modality: str
    span: Span
    distribution: Distribution | None
    quality: float
    model: str
    readings: tuple[Distribution, ...] = ()
    dimensions: Dimensions | None = None
    cues: tuple[Cue, ...] = ()
    insufficient: str | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """What a reader must know of a model that came from outside the package.

    model: its id; system, title, nearness: the published system and how near it is to its source; data: what it was
    trained on; reads: how each of its modalities is made of a recording; lacks: modalities of its training that no
    recording gives, so they are absent; space: of its answers; mapped: how they are told in basic7, or "" where they
    are left as they are; terms: of its weights; caution: what its answers are not.
    """

    model: str
    system: str
    title: str
    nearness: str
    data: str
    reads: tuple[str, ...]
    lacks: tuple[str, ...]
    space: str
    mapped: str
    terms: str
    caution: str


class Sense(Protocol):
    """A sense reads spans of a recording, in time order, in bounded memory.

    It yields at most one Evidence per span, in the order of the spans, and none for a span in which its modality is
    absent (nobody speaks, no face seen, no words). It is given the Moments, which carry the recording: a face sense
    would otherwise have to decode and detect a second time.
    """

    @property
    def modalities(self) -> frozenset[str]:
        """The modalities it reads."""

    @property
    def space(self) -> Space:
        """The space of its distributions."""

    @property
    def model(self) -> str:
        """Id of its model, as in the card."""

    def read(self, moments: Moments, spans: Sequence[Span]) -> Iterator[Evidence]:
        """Evidence for each span that has any."""


@runtime_checkable
class GuestSense(Protocol):
    """A `Sense` whose evidence stands beside the answer and takes no part in it: nobody calibrated it."""

    @property
    def guest(self) -> Guest:
        """What a reader must know of it."""
