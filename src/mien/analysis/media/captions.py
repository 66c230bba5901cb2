"""The one front for everything that holds lines of text: subtitles, transcripts, annotations, dialogues, plain text."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Clock, Notice
from mien.analysis.media.sniff import TEXT_FORMATS, sniff
from mien.errors import InputError
from mien.files import read_bounded

LIMIT = 32 << 20
"""Bytes of a text that are read: a day of subtitles has 2 MB, the longest novels 6 MB."""
LATEST = 360_000.0
"""Seconds (100 hours) after which a time is a slip of the pen, and a span for each moment until then a waste."""
LONGEST_LINE = 3600.0
"""Seconds that a line with words may last."""
SIDECARS = (".srt", ".vtt", ".ass", ".ssa", ".eaf", ".textgrid", ".json", ".jsonl", ".csv", ".rttm")
"""Endings of files that may belong to a recording of the same name, the most telling first."""
_OWN = (
    b"mien.analysis/",  # JSON
    b"NOTE Labels say what was shown or heard",  # WebVTT
    b"<info>Labels say what was shown or heard",  # EmotionML
    b'AUTHOR="mien"',  # ELAN
    b"conflict_words",  # CSV (its header) and Parquet (its footer)
    b'name="generator" content="Mien"',  # HTML
)
"""What only Mien writes into the first or last 4 KiB of a file."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a text file holds: captions in order, their clock, the format it was read as, and what was odd about it."""

    captions: tuple[Caption, ...]
    clock: Clock
    format: str
    notices: tuple[Notice, ...]


def read_captions(path: str | os.PathLike[str], *, duration: float | None = None) -> tuple[list[Caption], list[Notice]]:
    """The captions of a transcript or subtitle file in time order (seconds), and notices of what was odd.

    Reads SubRip, WebVTT, ELAN, Praat TextGrid, RTTM (captions with a speaker and empty text: who speaks when), dialogue
    as JSON, JSON Lines or CSV, and plain text, decided by content. Lines without times are spread over `duration` by
    their length, with a notice; without `duration` they are an InputError.
    """
    script = read_script(os.fspath(path), os.fspath(path))
    if not script.captions:
        raise InputError(path, "", f"holds no line of text (read as {script.format})")
    notices = list(script.notices)
    captions = list(script.captions)
    if script.clock == "lines":
        if duration is None:
            raise InputError(path, "", "gives no times, so its lines cannot be placed; use .srt, .vtt or start and end")
        captions = _spread(captions, duration)
        note(
            notices, "untimed", "the transcript has no times; its lines were spread over the recording by their length"
        )
    return captions, notices


def read_script(path: str, named: str, form: str | None = None) -> Script:
    """Read a text file of any known kind (`form` names it where that is known); InputError where it is none.

    A file in good order without any words is no error: its captions are empty and a notice says so.
    """
    from mien.analysis.media.encoding import decode_text

    if not os.path.exists(path):
        raise InputError(named, "", "no such file")
    if os.path.isdir(path):
        raise InputError(
            named, "", "is a folder; a transcript is a file (.srt, .vtt, .eaf, .TextGrid, .json, .csv, .txt)"
        )
    if not os.path.isfile(path):
        raise InputError(named, "", "is no regular file; copy it into one")
    data = _bounded(path, named)
    form = form or sniff(path, data[:65536])
    if form not in TEXT_FORMATS:
        raise InputError(named, "", f"is no text ({form}); allowed: {', '.join(TEXT_FORMATS)}")
    notices: list[Notice] = []
    if form == "eaf":  # XML states its own encoding
        from mien.analysis.media.elan import read_elan

        return _settled(read_elan(data, named, notices), form, "seconds", notices)
    text = decode_text(data, named, notices)
    captions, clock = _reader(form)(text, named, notices)
    if not captions and form in ("srt", "vtt", "rttm") and not re.match(r"\s*$|\ufeff?WEBVTT|[^\0]*-->", text):
        raise InputError(named, "", f"holds text, but no line of {form}; name it .txt if it is plain text")
    return _settled(captions, form, clock, notices)


def find_sidecar(path: str | os.PathLike[str]) -> Path | None:
    """The transcript that lies beside a recording (clip.srt or clip.en.srt beside clip.mp4), or None.

    The most telling kind wins (see `SIDECARS`); results that Mien wrote there itself are not taken for transcripts.
    """
    recording = Path(path)
    try:  # a folder may hold many thousand recordings: only what is named like this one is looked at
        named = [name for name in os.listdir(recording.parent) if name.startswith(f"{recording.stem}.")]
    except OSError:
        return None
    beside = [recording.parent / name for name in sorted(named) if name != recording.name]
    for ending in SIDECARS:
        for exact in (True, False):
            for entry in beside:
                same = entry.stem == recording.stem if exact else is_language_variant(entry, recording)
                if same and entry.suffix.lower() == ending and entry.is_file() and _is_transcript(entry):
                    return entry
    return None


def is_language_variant(path: Path, recording: Path) -> bool:
    """Whether it is named like the recording with a language between: clip.en.srt for clip.mp4."""
    return re.fullmatch(re.escape(recording.stem) + r"\.[a-z]{2,3}(-[A-Za-z]{2,4})?", path.stem) is not None


def is_own_result(path: Path) -> bool:
    """Whether a file is something that Mien itself wrote, in any of its formats."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            ends = stream.read(4096)
            stream.seek(max(0, path.stat().st_size - 4096))
            ends += b"\n" + stream.read(4096)
    except OSError:
        return False
    return any(mark in ends for mark in _OWN)


def _is_transcript(path: Path) -> bool:
    if is_own_result(path):
        return False
    try:
        with path.open("rb") as stream:
            return sniff(str(path), stream.read(65536)) in TEXT_FORMATS[:-1]
    except OSError:
        return False


Reader = Callable[[str, str, list[Notice]], tuple[list[Caption], Clock]]


def _reader(form: str) -> Reader:
    from mien.analysis.media import dialogue, rttm, subtitles, text, textgrid

    readers: dict[str, Reader] = {
        "srt": subtitles.read_srt,
        "vtt": subtitles.read_vtt,
        "ass": subtitles.read_ass,
        "textgrid": textgrid.read_textgrid,
        "rttm": rttm.read_rttm,
        "json": dialogue.read_json,
        "dialogue table": dialogue.read_table,
        "text": text.read_text,
    }
    return readers[form]


def _settled(captions: Iterable[Caption], form: str, clock: Clock, notices: list[Notice]) -> Script:
    settled = settle(captions, notices) if clock == "seconds" else list(captions)
    if not settled:
        note(notices, "no-text", f"there is no line of text in it (read as {form})")
    return Script(tuple(settled), clock, form, tuple(notices))


def settle(captions: Iterable[Caption], notices: list[Notice]) -> list[Caption]:
    """Captions in time order with 0 <= start <= end; what had to be changed or left out is noted."""
    kept: list[Caption] = []
    for caption in captions:
        start, end = caption.start, caption.end
        if not (math.isfinite(start) and math.isfinite(end)):
            note(notices, "times", f"a line without a usable time is left out: {_short(caption.text)}")
            continue
        if end < start:
            note(notices, "times", "a line ends before it begins; its times were exchanged", end, start)
            start, end = end, start
        if end < 0 or (start < 0 and end == 0):
            note(notices, "times", f"a line before the beginning is left out: {_short(caption.text)}", start, end)
            continue
        if start > LATEST:
            note(notices, "times", f"a line later than {LATEST / 3600:.0f} hours is left out: {_short(caption.text)}")
            continue
        if start < 0:
            note(notices, "times", "a line begins before 0; it was cut there", start, end)
            start = 0.0
        if end > min(latest := start + LONGEST_LINE if caption.text else LATEST, LATEST):
            note(notices, "times", f"a line lasts {end - start:.0f} s; it was cut short", start, end)
            end = min(latest, LATEST)
        kept.append(caption if (start, end) == (caption.start, caption.end) else replace(caption, start=start, end=end))
    late = next((b for a, b in pairwise(kept) if b.start < a.start), None)
    if late is not None:
        note(notices, "order", "the lines were not in time order; they were sorted", late.start)
        kept.sort(key=lambda caption: (caption.start, caption.end))
    return kept


def _spread(captions: list[Caption], duration: float) -> list[Caption]:
    """Untimed captions laid over [0, duration] in proportion to their number of letters."""
    weights = [max(1, len(caption.text)) for caption in captions]
    total, at, placed = sum(weights), 0, []
    for caption, weight in zip(captions, weights, strict=True):
        placed.append(replace(caption, start=duration * at / total, end=duration * (at + weight) / total))
        at += weight
    return placed


def _bounded(path: str, named: str) -> bytes:
    try:
        data = read_bounded(path, LIMIT)
    except InputError as error:
        raise InputError(named, error.where, error.why) from None
    if not data:
        raise InputError(named, "", "is empty")
    return data


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
