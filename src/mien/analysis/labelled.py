"""A person's own labelled clips: a table beside a folder of recordings, and what Mien answers to each."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.affect.distribution import Distribution
from mien.affect.mapping import alias
from mien.affect.space import Space
from mien.analysis.fusion.affect import Affect
from mien.analysis.fusion.pool import BASIC, basic
from mien.analysis.pipeline import Options, run
from mien.errors import DataError, MienError, RequestError
from mien.files import read_bounded

COLUMNS = {
    "file": ("file", "path", "clip", "filename", "name"),
    "label": ("label", "emotion", "truth", "class"),
    "start": ("start", "from", "begin"),
    "end": ("end", "to", "stop"),
    "group": ("speaker", "group", "person", "subject", "dialogue"),
}
"""What a column may be called; `file` and `label` are needed."""
_LARGEST = 64 << 20
TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Clip:
    """One row of the table: a recording, the part of it that is meant (seconds, None for all), its label and group."""

    row: int
    path: Path
    label: str
    start: float | None = None
    end: float | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What was read from a clip.

    answers: "together" and each modality -> distribution (those without evidence are absent); confidence of the fused
    answer in [0, 1]; why: the reason where there is none.
    """

    clip: Clip
    answers: Mapping[str, Distribution]
    confidence: float
    why: str = ""


def read_table(table: Path, folder: Path, goal: Space) -> list[Clip]:
    """The clips of a CSV or TSV table with the columns file and label, and optionally start, end, speaker.

    Files are named relative to the folder; labels are those of the space (joy for happiness and the like will do).
    Raises DataError with the row for a missing file, an unknown label, a time that is none, RequestError for a table
    without the needed columns.
    """
    text = _text(table)
    rows = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.split("\n", 1)[0] else ",")
    header = [name.strip().lower() for name in next(rows, [])]
    places = {what: next((header.index(n) for n in names if n in header), None) for what, names in COLUMNS.items()}
    for what in ("file", "label"):
        if places[what] is None:
            names = ", ".join(COLUMNS[what])
            raise RequestError(f"{table}: no column for the {what}; found: {', '.join(header)}; one of: {names}")
    clips = [
        _clip(table, number, dict(_cells(row, places)), folder, goal) for number, row in enumerate(rows, 2) if any(row)
    ]
    if not clips:
        raise DataError(table, None, "has no rows")
    return clips


def answer_all(
    clips: Sequence[Clip],
    options: Options,
    goal: Space,
    progress: Callable[[str], None] | None = None,
) -> Iterator[Answered]:
    """What Mien answers to each clip; a recording that several clips are cut from is read once.

    A recording that cannot be read gives answers without distribution and with the reason.
    """
    by_path: dict[Path, list[Clip]] = defaultdict(list)
    for clip in clips:
        by_path[clip.path].append(clip)
    for path, own in by_path.items():
        try:
            affects = run(str(path), options).affects
        except MienError as error:
            yield from (Answered(clip, {}, 0.0, str(error)) for clip in own)
        else:
            yield from (_answered(clip, affects, goal) for clip in own)
        if progress:
            progress(str(path))


def _text(table: Path) -> str:
    try:
        return read_bounded(table, _LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(table, None, f"is not UTF-8 (byte {error.start}); save it as UTF-8") from None


def _cells(row: Sequence[str], places: Mapping[str, int | None]) -> Iterator[tuple[str, str]]:
    for what, place in places.items():
        if place is not None and place < len(row):
            yield what, row[place].strip()


def _clip(table: Path, number: int, cells: Mapping[str, str], folder: Path, goal: Space) -> Clip:
    name, label = cells.get("file", ""), cells.get("label", "")
    path = folder / name
    if not name or not path.exists():
        raise DataError(table, number, f"no file {name!r} in {folder}")
    known = {alias(own): own for own in goal.labels} | {own.lower(): own for own in goal.labels}
    found = known.get(label.lower()) or known.get(alias(label))
    if found is None:
        raise DataError(table, number, f"label {label!r} is not in {goal.name}; allowed: {', '.join(goal.labels)}")
    start, end = (_time(table, number, what, cells.get(what, "")) for what in ("start", "end"))
    if start is not None and end is not None and end <= start:
        raise DataError(table, number, f"ends ({end:g} s) before it starts ({start:g} s)")
    return Clip(number, path, found, start, end, cells.get("group") or None)


def _time(table: Path, number: int, what: str, cell: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise DataError(table, number, f"{what} is {cell!r}; a time in seconds is needed")
    return value


def _answered(clip: Clip, affects: Sequence[Affect], goal: Space) -> Answered:
    """The mean over the moments inside the clip, by their length."""
    parts: dict[str, list[tuple[float, Distribution]]] = defaultdict(list)
    sure: list[tuple[float, float]] = []
    for affect in affects:
        length = _inside(clip, affect)
        if length <= 0:
            continue
        if affect.distribution is not None:
            parts[TOGETHER].append((length, affect.distribution))
            sure.append((length, affect.confidence))
        for item in affect.evidence if goal == BASIC else ():
            if item.distribution is not None and item.quality > 0 and item.modality != "signal":
                parts[item.modality].append((length * item.quality, basic(item)))
    answers = {name: _mean(found) for name, found in parts.items()}
    if TOGETHER not in answers:
        reasons = [affect.insufficient for affect in affects if affect.insufficient and _inside(clip, affect) > 0]
        return Answered(clip, answers, 0.0, reasons[0] if reasons else "no speech, no face and no words were found")
    weights = np.array([length for length, _ in sure])
    return Answered(clip, answers, float(weights @ [value for _, value in sure] / weights.sum()))


def _inside(clip: Clip, affect: Affect) -> float:
    start = affect.span.start if clip.start is None else max(clip.start, affect.span.start)
    end = affect.span.end if clip.end is None else min(clip.end, affect.span.end)
    whole = clip.start is None and clip.end is None
    return max(end - start, 1e-6) if whole else max(end - start, 0.0)  # a still picture or a line has no length


def _mean(found: Sequence[tuple[float, Distribution]]) -> Distribution:
    weights = np.array([weight for weight, _ in found])
    values: NDArray[np.float64] = weights @ np.stack([one.values for _, one in found]) / weights.sum()
    return Distribution(found[0][1].space, values)
