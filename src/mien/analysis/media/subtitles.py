"""SubRip, WebVTT and SubStation Alpha files, read tolerantly: what people have, not what the standard says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from mien.analysis.media.embedded import plain
from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Clock, Notice

_TIME = r"(-?)(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-+>\s*{_TIME}")
_LOOSE = re.compile(r"-->")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s++([^<>]*)>", re.IGNORECASE)
_ASS_TIME = re.compile(r"(-?)(\d{1,6}):(\d{1,2}):(\d{1,2})[.:](\d{1,3})")


def read_srt(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """SubRip: numbers may be missing, doubled or wrong, blank lines may stand inside a text, commas may be dots."""
    lines = text.split("\n")
    timings = [(index, found) for index, line in enumerate(lines) if (found := _TIMING.match(line))]
    _tell_unread(lines, {index for index, _ in timings}, notices)
    captions = []
    ends = [*(index for index, _ in timings), len(lines)][1:]
    for (index, found), following in zip(timings, ends, strict=False):
        body = lines[index + 1 : following]
        if following < len(lines):
            body = _without_number(body)
        captions += _caption(found, plain(unescape("\n".join(body))), None)
    return captions, "seconds"


def read_vtt(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """WebVTT: no notes, styles, regions; `<v Speaker>` tells who speaks; a cue of two voices gives two captions."""
    lines = text.split("\n")
    read: set[int] = set()
    captions: list[Caption] = []
    for first, block in _blocks(lines):
        at = next((i for i, line in enumerate(block[:2]) if _TIMING.match(line)), None)
        if at is None:
            if block[0].startswith(("WEBVTT", "NOTE", "STYLE", "REGION")):
                read.update(range(first, first + len(block)))
            continue
        found = _TIMING.match(block[at])
        assert found is not None
        read.add(first + at)
        for speaker, said in _voices("\n".join(block[at + 1 :])):
            captions += _caption(found, plain(unescape(re.sub(r"<[^<>]*>", "", said))), speaker)
    _tell_unread(lines, read, notices)
    return captions, "seconds"


def read_ass(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """Advanced SubStation: the dialogue lines, with the actor's name as speaker and override codes left out."""
    columns: list[str] = []
    captions: list[Caption] = []
    for number, line in enumerate(text.split("\n"), 1):
        key, _, rest = line.partition(":")
        if key.strip() == "Format":
            columns = [name.strip().lower() for name in rest.split(",")]
        elif key.strip() == "Dialogue" and "text" in columns:
            cells = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
            start, end = _ass_seconds(cells.get("start", "")), _ass_seconds(cells.get("end", ""))
            if start is None or end is None:
                note(notices, "times", f"line {number} has no readable time and is left out")
            elif said := plain(cells.get("text", "")):
                captions.append(Caption(start, end, said, cells.get("name", "").strip() or None, source="subtitle"))
    return captions, "seconds"


def unescape(text: str) -> str:
    """`&amp;` and the like as letters; a character number too long for Python stays as it is."""
    try:
        return html.unescape(text)
    except ValueError:
        return text


def _caption(found: re.Match[str], text: str, speaker: str | None) -> list[Caption]:
    if not text:
        return []
    return [Caption(_seconds(found.groups()[:5]), _seconds(found.groups()[5:]), text, speaker, source="subtitle")]


def _seconds(parts: tuple[str | None, ...]) -> float:
    sign, hours, minutes, seconds, fraction = parts
    thousandths = int((fraction or "0").ljust(3, "0"))
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return (whole + thousandths / 1000) * (-1 if sign else 1)


def _ass_seconds(text: str) -> float | None:
    found = _ASS_TIME.fullmatch(text.strip())
    return None if found is None else _seconds(found.groups())


def _without_number(body: list[str]) -> list[str]:
    """A text without the number of the cue after it."""
    end = len(body)
    while end and not body[end - 1].strip():
        end -= 1
    return body[: end - 1] if end and body[end - 1].strip().isdigit() else body[:end]


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """(index of the first line, lines) of each run of lines that are not blank."""
    begin = None
    for index, line in enumerate([*lines, ""]):
        if line.strip():
            begin = index if begin is None else begin
        elif begin is not None:
            yield begin, lines[begin:index]
            begin = None


def _voices(payload: str) -> list[tuple[str | None, str]]:
    """(speaker, what is said) for each voice of a cue; text before the first voice has none."""
    parts = _VOICE.split(payload)
    said = [(None, parts[0])] if parts[0].strip() else []
    named = [(unescape(name).strip() or None, words) for name, words in zip(parts[1::2], parts[2::2], strict=True)]
    return [*said, *named]


def _tell_unread(lines: list[str], read: set[int], notices: list[Notice]) -> None:
    for index, line in enumerate(lines):
        if index not in read and _LOOSE.search(line):
            note(notices, "times", f"line {index + 1} has no readable time; what it holds is left out or joined")
