"""Names under which dialogues and transcripts carry speaker, times and text, in JSON keys and table headers alike."""

from __future__ import annotations

import csv
from collections.abc import Iterable

SPEAKER = ("speaker", "speaker_name", "speaker_id", "speaker_label", "participant", "who", "name", "role", "person")
START = ("start", "start_time", "starttime", "begin", "onset", "start_s", "start_seconds", "from", "tmin", "time")
END = ("end", "end_time", "endtime", "stop", "offset", "end_s", "end_seconds", "to", "tmax")
TEXT = ("text", "utterance", "transcript", "content", "sentence", "line", "message", "value", "words")
LANGUAGE = ("language", "lang")
CONFIDENCE = ("confidence", "score")
DURATION = ("duration", "dur", "length")
MILLISECONDS = ("start_ms", "end_ms", "begin_ms", "onset_ms", "duration_ms")

ALLOWED = "text (or utterance), and optionally speaker, start, end"
"""What is allowed, for error messages."""


def pick(names: Iterable[str], wanted: tuple[str, ...]) -> str | None:
    """The first of the wanted names that is there, compared without case and outer blanks; as it is written there."""
    there = {normal(name): name for name in reversed(list(names))}
    return next((there[name] for name in wanted if name in there), None)


def normal(name: str) -> str:
    """A column's name in the form of the lists above."""
    return name.strip().lower().replace(" ", "_").replace("-", "_").strip("\ufeff\"'")


def is_dialogue_header(names: list[str]) -> bool:
    """Whether a header names a text column (alone, or with a speaker or time beside it), or who speaks when."""
    if pick(names, TEXT) is None:
        return names_turns(names)
    return len(names) == 1 or any(pick(names, group) for group in (SPEAKER, START, LANGUAGE, MILLISECONDS))


def names_turns(names: list[str]) -> bool:
    """Whether speaker, start and end (or duration) are there, which is a list of turns even without text."""
    return all(pick(names, group) for group in (SPEAKER, START, END + DURATION))


def split_row(line: str) -> tuple[list[str], str]:
    """(cells, delimiter) of one line, by the delimiter that splits it most."""
    mark = max((",", "\t", ";", "|"), key=line.count)
    try:
        return next(iter(csv.reader([line], delimiter=mark)), []), mark
    except csv.Error:
        return line.split(mark), mark
