"""Who is who in one recording: tracks of one face together, a voice to a face where mouth and speech agree, names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Caption
from mien.analysis.moments.agreement import agreements
from mien.analysis.moments.boxes import assign
from mien.analysis.moments.moments import FaceTrack
from mien.analysis.moments.same import same_faces
from mien.analysis.moments.span import Person, Turn

NAMED = 0.6
"""Part of a voice's transcript lines that must carry one name for it to be that voice's name."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A person before it has an id."""

    first: float
    faces: tuple[str, ...] = ()
    voice: str | None = None
    name: str | None = None


def join(turns: Sequence[Turn], tracks: Sequence[FaceTrack], lines: Sequence[Caption] = ()) -> tuple[Person, ...]:
    """The persons of a recording, P1 first seen or heard first.

    Tracks of clearly the same face are one person. A voice is given to a face only where the mouth moves with the
    speech, and clearly more than any other mouth in sight; else face and voice are two persons. A name comes from
    transcript lines whose speaker is named; a named speaker without a voice is a person of their own.
    """
    groups = same_faces(tracks)
    voices = sorted({turn.voice for turn in turns if turn.voice is not None})
    owner = _owners(turns, voices, groups)
    names = _names(turns, voices, lines)
    first = {voice: min(turn.start for turn in turns if turn.voice == voice) for voice in voices}
    found = {voice: _Found(first[voice], voice=voice, name=names.get(voice)) for voice in voices}
    seen: list[_Found] = []
    for index, group in enumerate(groups):
        faces, start = tuple(track.id for track in group), min(track.start for track in group)
        voice = owner.get(index)
        if voice is None:
            seen.append(_Found(start, faces))
        else:
            found[voice] = replace(found[voice], first=min(start, first[voice]), faces=faces)
    everyone = [*found.values(), *seen, *_unheard(lines, set(names.values()))]
    everyone.sort(key=lambda person: (person.first, person.voice is None, person.voice or "", person.faces))
    return tuple(Person(f"P{n}", one.faces, one.voice, one.name) for n, one in enumerate(everyone, 1))


def speakers(lines: Iterable[Caption], persons: Sequence[Person], turns: Sequence[Turn]) -> tuple[Caption, ...]:
    """The lines with `speaker` as a person's id: by name, else by whose turns cover most of the line, else None."""
    named = {person.name: person.id for person in persons if person.name is not None}
    voiced = {person.voice: person.id for person in persons if person.voice is not None}
    heard = _Voices(turns)

    def who(line: Caption) -> str | None:
        if line.speaker in named:
            return named[line.speaker]
        share = heard.during(line.start, line.end)
        best = max(share, key=lambda voice: share[voice], default=None)
        return voiced.get(best) if best is not None and share[best] > 0.5 * (line.end - line.start) else None

    return tuple(replace(line, speaker=who(line)) for line in lines)


class _Voices:
    """Seconds of each voice inside any stretch, without looking through all turns each time."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = sorted((turn for turn in turns if turn.voice is not None), key=lambda turn: turn.start)
        self._starts = [turn.start for turn in self._turns]
        self._longest = max((turn.end - turn.start for turn in self._turns), default=0.0)

    def during(self, start: float, end: float) -> dict[str, float]:
        share: dict[str, float] = {}
        first, last = bisect_left(self._starts, start - self._longest), bisect_left(self._starts, end)
        for turn in self._turns[first:last]:
            common = min(turn.end, end) - max(turn.start, start)
            if turn.voice is not None and common > 0:
                share[turn.voice] = share.get(turn.voice, 0.0) + common
        return share


def _owners(turns: Sequence[Turn], voices: list[str], groups: list[list[FaceTrack]]) -> dict[int, str]:
    """Voice of each group of tracks that has one."""
    if not voices or not groups:
        return {}
    table: NDArray[np.float64] = agreements(turns, voices, groups)
    return {column: voices[row] for row, column in assign(table, 1e-9)}


def _names(turns: Sequence[Turn], voices: list[str], lines: Sequence[Caption]) -> dict[str, str]:
    """Name of each voice, one-to-one, from the time that named lines share with its turns."""
    names = sorted({line.speaker for line in lines if line.speaker})
    if not names or not voices:
        return {}
    shared = np.zeros((len(voices), len(names)))
    heard = _Voices(turns)
    for line in lines:
        if line.speaker:
            for voice, common in heard.during(line.start, line.end).items():
                shared[voices.index(voice), names.index(line.speaker)] += common
    part = shared / np.maximum(shared.sum(axis=1, keepdims=True), 1e-9)
    return {voices[row]: names[column] for row, column in assign(part, NAMED)}


def _unheard(lines: Sequence[Caption], known: set[str]) -> list[_Found]:
    first: dict[str, float] = {}
    for line in lines:
        if line.speaker and line.speaker not in known:
            first[line.speaker] = min(line.start, first.get(line.speaker, line.start))
    return [_Found(start, name=name) for name, start in first.items()]
