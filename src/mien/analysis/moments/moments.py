"""Moments: everything that is known of who and when, handed to the senses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Caption, Recording
from mien.analysis.moments.span import Person, Span, Turn


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrops:
    """Crops of one person's face in a stretch of time, in time order.

    times (n,) seconds; images (n, 64, 64) uint8 grey, centred on the detector's square box and 1.6 times as wide
    (so the box is the middle 40 x 40); quality (n,) in [0, 1] from size, sharpness, pose and occlusion;
    size (n,) pixels of the box in the source; sharpness (n,) in [0, 1]; pose (n,) int8: 0 frontal, -1 turned left,
    1 turned right, -2 and 2 rolled left and right.
    """

    times: NDArray[np.float64]
    images: NDArray[np.uint8]
    quality: NDArray[np.float32]
    size: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    pose: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One face followed through a scene.

    id "F1"; times (n,) seconds; boxes (n, 4) float32 x1, y1, x2, y2 in source pixels; quality (n,) in [0, 1];
    mouth (n,) float32: mouth movement at each time, against the movement of the whole face (0 still, NaN not
    measurable); thumbnail: JPEG bytes (about 96 x 96, colour) of its best picture; look (k, d) float16: its
    best pictures as numbers, by which tracks of one face are known inside one recording; empty if unknown.
    """

    id: str
    times: NDArray[np.float64]
    boxes: NDArray[np.float32]
    quality: NDArray[np.float32]
    mouth: NDArray[np.float32]
    thumbnail: bytes = b""
    look: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 0), np.float16))

    @property
    def start(self) -> float:
        """First time seen, seconds."""
        return float(self.times[0])

    @property
    def end(self) -> float:
        """Last time seen, seconds."""
        return float(self.times[-1])


class FaceStore(Protocol):
    """Where the crops lie (on disk, so that a long film needs no more memory than a short one)."""

    def crops(self, tracks: tuple[str, ...], start: float, end: float) -> FaceCrops:
        """All crops of these tracks with start <= time < end (a still: time == start), in time order."""

    def close(self) -> None:
        """Remove what lies on disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Who and when in one recording.

    speech: merged (start, end) seconds of speech by anyone; turns: who speaks when, in time order; tracks: faces;
    transcript: lines in time order with `speaker` being a person's id where it is known; persons; store: the crops;
    loudness: active speech level of the recording in dB full scale, None without speech;
    envelope: peak level in [0, 1] of equal pieces of the sound (at most 4000), for drawing.
    """

    recording: Recording
    persons: tuple[Person, ...] = ()
    speech: tuple[tuple[float, float], ...] = ()
    turns: tuple[Turn, ...] = ()
    tracks: tuple[FaceTrack, ...] = ()
    transcript: tuple[Caption, ...] = ()
    store: FaceStore | None = None
    loudness: float | None = None
    envelope: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def person(self, id: str | None) -> Person | None:
        """The person of that id, or None."""
        return next((person for person in self.persons if person.id == id), None)

    def voiced(self, span: Span) -> Iterator[tuple[float, float]]:
        """The parts of the turns of the span's person that lie inside the span."""
        for turn in self.person_turns(span.person):
            if span.overlap(turn.start, turn.end) > 0:
                yield max(turn.start, span.start), min(turn.end, span.end)

    def person_turns(self, id: str | None) -> tuple[Turn, ...]:
        """All turns of a person's voice (of no known voice for None)."""
        person = self.person(id)
        if id is not None and (person is None or person.voice is None):
            return ()
        voice = person.voice if person else None
        return tuple(turn for turn in self.turns if turn.voice == voice)

    def faces(self, span: Span) -> FaceCrops | None:
        """Face crops of the span's person inside the span, or None where no face was seen."""
        person = self.person(span.person)
        if person is None or not person.faces or self.store is None:
            return None
        found = self.store.crops(person.faces, span.start, span.end)
        return found if len(found) else None

    def lines(self, span: Span) -> tuple[Caption, ...]:
        """Transcript lines of the span's person that overlap the span."""
        return tuple(
            line for line in self.transcript if line.speaker == span.person and span.overlap(line.start, line.end) > 0
        )
