"""Composing the Moments of a recording: what is heard, what is seen, what is said, joined into persons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mien.analysis.media.recording import Caption, Notice, Recording
from mien.analysis.moments.hear import Hearing, follow, hear
from mien.analysis.moments.look import Looking, look
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.persons import join, speakers
from mien.analysis.moments.span import Person
from mien.analysis.moments.transcript import transcript_of

Progress = Callable[[str, float], None]


def compose(
    recording: Recording,
    *,
    modalities: Sequence[str],
    fps: float,
    language: str | None,
    asr: str | None,
    progress: Progress,
    voices: bool = True,
) -> Moments:
    """Who and when in a recording; what was not asked for, or is absent, costs nothing.

    modalities: which of audio, face, text, signal; fps: faces looked at per second; language: ISO code of what is
    said or None; asr: folder of a recogniser's model, "" for no recogniser, None for the installed one; voices: whether
    they are told apart by how they sound. The store of the Moments must be closed.
    """
    progress("voices", 0.0)
    hearing = hear(recording, voices=voices) if "audio" in modalities else Hearing()
    progress("faces", 0.0)
    looking = look(recording, fps) if "face" in modalities else Looking()
    progress("words", 0.0)
    lines: tuple[Caption, ...] = ()
    words: Sequence[Notice] = ()
    if "text" in modalities:
        lines, words = transcript_of(recording, hearing, language=language, asr=asr)
    elif hearing.turns:  # a transcript or RTTM still says who speaks when
        carried = sorted(recording.cues(), key=lambda line: line.start)
        lines = tuple(replace(line, text="") for line in carried if line.speaker)
    hearing = follow(hearing, lines)
    for notice in (*hearing.notices, *looking.notices, *words):
        recording.warn(notice.code, notice.text, notice.start, notice.end)
    persons = join(hearing.turns, looking.tracks, lines)
    spoken = speakers([line for line in lines if line.text], persons, hearing.turns)
    persons, spoken = _with_writers(recording, persons, spoken)
    return Moments(
        recording,
        persons,
        hearing.speech,
        hearing.turns,
        looking.tracks,
        spoken,
        looking.store,
        hearing.loudness,
        hearing.envelope,
    )


def _with_writers(
    recording: Recording, persons: tuple[Person, ...], lines: tuple[Caption, ...]
) -> tuple[tuple[Person, ...], tuple[Caption, ...]]:
    """A person for lines that are nobody's, and one who wears the sensors where nobody else is there."""
    free = [line for line in lines if line.speaker is None]
    if not free and not (recording.has("signal") and not persons):
        return persons, lines
    if len(persons) == 1 and free:
        owner = persons[0]
    else:
        owner = Person(f"P{len(persons) + 1}")
        persons = (*persons, owner)
    return persons, tuple(line if line.speaker else replace(line, speaker=owner.id) for line in lines)
