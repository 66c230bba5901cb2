"""Who and when, as plain nouns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch [start, end) on the recording's own clock (seconds, or lines), of one person or of nobody known."""

    start: float
    end: float
    person: str | None = None

    @property
    def duration(self) -> float:
        """Length on the recording's clock."""
        return self.end - self.start

    def overlap(self, start: float, end: float) -> float:
        """How much of [start, end) lies inside."""
        return max(0.0, min(self.end, end) - max(self.start, start))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in one recording.

    id: "P1", "P2", ... stable in this recording, says nothing of who it is; faces: ids of the face tracks;
    voice: id of the voice ("V1") or None; name: only if the transcript gives one.
    """

    id: str
    faces: tuple[str, ...] = ()
    voice: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """One voice speaking in [start, end) seconds: "V1", or None where it could not be told; certainty in [0, 1]."""

    start: float
    end: float
    voice: str | None = None
    certainty: float = 1.0
