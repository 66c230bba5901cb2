"""Dialogues as JSON, JSON Lines or a table: who says what, with times if there are any."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from typing import Any

from mien.analysis.media import columns
from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Clock, Notice
from mien.errors import InputError

HOLDERS = (
    "turns",
    "utterances",
    "segments",
    "dialogue",
    "dialog",
    "captions",
    "transcript",
    "results",
    "lines",
    "messages",
)
"""Keys under which a JSON object may hold its list of turns."""
WORDS_A_SECOND = 2.5
"""Speech rate by which the last line's length is guessed where no end is given."""
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")


def read_json(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """A list of turns, an object that holds one (see `HOLDERS`), or one object a line; keys as in `columns`."""
    return _captions(_rows(text, named, notices), named, notices)


def read_table(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """A table with a header that names a text column; commas, semicolons, tabs or bars between cells."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    _, mark = columns.split_row(first)
    try:
        rows = list(csv.DictReader(io.StringIO(text.lstrip("\n")), delimiter=mark))
    except csv.Error as error:
        raise InputError(named, "", f"is a damaged table ({error})") from None
    return _captions([(f"row {number}", row) for number, row in enumerate(rows, 2)], named, notices)


Rows = list[tuple[str, dict[str, Any]]]


def _rows(text: str, named: str, notices: list[Notice]) -> Rows:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.count("\n") and (rows := _line_rows(text, notices)):
            return rows
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        why = error.msg if isinstance(error, json.JSONDecodeError) else "too deep, or a number too long"
        raise InputError(named, place, f"is damaged JSON ({why})") from None
    if isinstance(document, dict):
        key = next((key for key in HOLDERS if isinstance(document.get(key), list)), None)
        document = document[key] if key is not None else [document]
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise InputError(named, "", f"is JSON, but no list of objects with {columns.ALLOWED}")
    return [(f"item {number}", row) for number, row in enumerate(document, 1)]


def _line_rows(text: str, notices: list[Notice]) -> Rows:
    rows: Rows = []
    bad: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            rows.append((f"line {number}", row))
        else:
            bad.append(number)
    if len(bad) > len(rows):
        return []
    for number in bad:
        note(notices, "corrupt", f"line {number} is damaged JSON and is left out")
    return rows


def _captions(rows: Rows, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    names = list(dict.fromkeys(str(name) for _, row in rows for name in row if name is not None))
    if not names:  # an empty list, or a table that ends after its header
        return [], "lines"
    text = columns.pick(names, columns.TEXT)
    if text is None and not columns.names_turns(names):
        found = ", ".join(names[:8]) or "nothing"
        raise InputError(named, "", f"has no text column; found {found}; allowed: {columns.ALLOWED}")
    speaker, language = columns.pick(names, columns.SPEAKER), columns.pick(names, columns.LANGUAGE)
    clock = [_time_column(names, group) for group in (columns.START, columns.END, columns.DURATION)]
    made: list[_Timed] = []
    for place, row in rows:
        said = "" if text is None else _words(row.get(text))
        if text is not None and not said:
            continue
        start, end = _times(row, clock, place, notices)
        name, code = _words(row.get(speaker or "")) or None, _words(row.get(language or "")) or None
        made.append((start, end, Caption(0.0, 0.0, said, name, code)))
    return _clocked(made, notices)


_Timed = tuple[float | None, float | None, Caption]
_Column = tuple[str, str | None, float]  # what it says, its name or None, its unit in seconds


def _words(value: object) -> str:
    """A cell's text with single blanks; "" for what is no text or number."""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _time_column(names: list[str], group: tuple[str, ...]) -> _Column:
    plain = columns.pick(names, group)
    if plain is not None:
        return group[0], plain, 1.0
    return group[0], columns.pick(names, tuple(f"{name}_ms" for name in group)), 0.001


def _clocked(made: list[_Timed], notices: list[Notice]) -> tuple[list[Caption], Clock]:
    if all(start is None for start, _, _ in made):
        return [_at(caption, float(i), float(i + 1)) for i, (_, _, caption) in enumerate(made)], "lines"
    if any(start is None for start, _, _ in made):
        note(notices, "times", "some lines have no time; they were put between their neighbours")
    captions: list[Caption] = []
    last = 0.0
    for (start, end, caption), following in zip(made, _following([start for start, _, _ in made]), strict=True):
        begin = last if start is None else start
        if end is None:
            guess = begin + max(1, len(caption.text.split())) / WORDS_A_SECOND
            later = following if following is not None and following > begin else None
            end = guess if later is None else min(later, guess) if start is None else later
        captions.append(_at(caption, begin, end))
        last = end
    return captions, "seconds"


def _following(starts: list[float | None]) -> list[float | None]:
    """For each line the next start after it that is stated."""
    found: list[float | None] = []
    upcoming: float | None = None
    for start in reversed(starts):
        found.append(upcoming)
        upcoming = upcoming if start is None else start
    return found[::-1]


def _at(caption: Caption, start: float, end: float) -> Caption:
    return Caption(start, end, caption.text, caption.speaker, caption.language)


def _times(
    row: dict[str, Any], clock: list[_Column], place: str, notices: list[Notice]
) -> tuple[float | None, float | None]:
    values: list[float | None] = []
    for which, column, unit in clock:
        raw = None if column is None else row.get(column)
        value = seconds(raw)
        if value is None and raw not in (None, ""):
            note(notices, "times", f"{place}: {which} {_words(raw)[:20]!r} is no time in seconds or h:mm:ss")
        values.append(None if value is None else value * unit)
    start, end, length = values
    if end is None and start is not None and length is not None:
        end = start + length
    return start, end


def seconds(value: object) -> float | None:
    """Seconds of a number, of "12.5" or of "1:02:03.5"; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value if isinstance(value, int | float) else str(value).strip().replace(",", "."))
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):
        pass
    found = _CLOCK.fullmatch(str(value).strip())
    if found is None:
        return None
    hours, minutes, rest = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))
