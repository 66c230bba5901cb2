"""A folder of your own: a table beside recordings, texts or ready features.

What: one row an item; labels, texts, files and features as columns.
Who: you.
Licence: yours.
Get: write a table with the columns below.
On disk: labels.csv, labels.tsv or labels.parquet (or table.*, metadata.*, or the one table in the folder), and the
    files it names, relative to it. Columns: id (else the file's name or the row); label (several with |) or columns of
    numbers named by `values`; file, audio, face, scene, signal (recordings; `file` by its ending); text; speaker; group
    (dialogue, video; else the speaker, else each row its own); split (train, valid, test); start, end (seconds);
    text_features, audio_features, ... (.npy of (width,) or (time, width)). An empty cell is an absent modality.
Labels: those of `space` by name, else those that occur, in alphabetical order.
Groups: the column group, else speaker, else each row its own (an audit then cannot see shared people).
Options: space: a label space of Mien; values: columns that hold numbers to predict, with commas; low, high: their
    range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.affect.names import alias
from mien.affect.space import Space
from mien.affect.space import space as known
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets.pickles import read_array
from mien.research.datasets.tables import Row, number, plain, rows
from mien.research.datasets.valid import valid
from mien.research.samples import Clip, Data, Sample, Task

SIGNS = ("labels.csv|labels.tsv|labels.parquet|table.csv|table.tsv|table.parquet|metadata.csv",)
MODALITIES = ("audio", "face", "scene", "text", "signal")
ENDINGS = {
    "audio": (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".wma", ".aiff"),
    "face": (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"),
    "audio face": (".mp4", ".mkv", ".mov", ".avi", ".webm", ".flv"),
    "signal": (".csv", ".zip"),
}
_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "validation", "val", "dev"), "valid"),
    **dict.fromkeys(("test", "testing"), "test"),
}


def read(path: Path, *, space: str = "", values: tuple[str, ...] = (), low: float = -1.0, high: float = 1.0) -> Data:
    """The folder (or table) at `path`; see the module's text. A file that is not there is kept and told by a check."""
    sheet, values = _sheet(path), tuple(map(plain, values))
    found = [(row, {name: _told(cell) for name, cell in cells.items()}) for row, cells in rows(sheet)]
    if not found:
        raise DataError(sheet, None, "has no rows")
    goal, task = _goal(sheet, found, space, values, low, high)
    allowed = {alias(name): place for place, name in enumerate(goal.labels)}
    allowed |= {name.lower(): place for place, name in enumerate(goal.labels)}
    samples, parts = list[Sample](), dict[str, list[int]]()
    for row, cells in found:
        target = _target(sheet, row, cells, goal, task, allowed, values)
        part = cells.get("split", "").strip().lower()
        if part:
            if part not in _PARTS:
                raise DataError(sheet, row, f"split {part!r}; allowed: {', '.join(_PARTS)}")
            parts.setdefault(_PARTS[part], []).append(len(samples))
        samples.append(_sample(sheet, row, cells, target))
    alone = not any(cells.get("group") or cells.get("speaker") for _, cells in found)
    notes = ["no column group or speaker: people in two parts cannot be seen"] if alone else []
    if parts and (out := len(samples) - sum(map(len, parts.values()))):
        notes.append(f"{out} rows have no split and are in no part")
    own = {name: tuple(held) for name, held in parts.items()}
    return valid(Data(sheet.parent.name, goal, task, tuple(samples), own, notes=tuple(notes)))


def _sheet(path: Path) -> Path:
    if path.is_file():
        return path
    named = [f"{stem}{end}" for stem in ("labels", "table", "metadata") for end in (".csv", ".tsv", ".parquet")]
    here = [path / name for name in named if (path / name).is_file()]
    here = here or [one for one in sorted(path.glob("*")) if one.suffix in (".csv", ".tsv", ".parquet")]
    if len(here) != 1:
        said = ", ".join(one.name for one in here) or "no table"
        raise InputError(path, "", f"has {said}; keep one of: {', '.join(named)}, or name the table")
    return here[0]


def _goal(
    sheet: Path, found: Sequence[tuple[int, Row]], space: str, values: tuple[str, ...], low: float, high: float
) -> tuple[Space, Task]:
    columns = list(found[0][1])
    if values:
        if lacking := [name for name in values if name not in columns]:
            raise RequestError(f"{sheet}: no column {', '.join(lacking)}; columns: {', '.join(columns)}")
        return Space("+".join(values), values, "dimensional", str(sheet.name), low, high), "value"
    if "label" not in columns:
        raise RequestError(f"{sheet}: no column label, and no `values`; columns: {', '.join(columns)}")
    said = [one for _, cells in found for one in _said(cells)]
    several = any(len(_said(cells)) > 1 for _, cells in found)
    if space:
        goal = known(space)
        return goal, "labels" if several or goal.kind == "multilabel" else "class"
    spelt = {one.lower(): one for one in sorted(said, reverse=True)}  # case aside, as labels are looked up
    names = sorted(spelt.values())
    if len(names) < 2:
        raise DataError(sheet, None, f"has the one label {', '.join(names) or '(none)'}; two at least are needed")
    return Space(
        "own", tuple(names), "multilabel" if several else "categorical", sheet.name
    ), "labels" if several else "class"


def _target(
    sheet: Path, row: int, cells: Row, goal: Space, task: Task, allowed: Mapping[str, int], values: Sequence[str]
) -> int | NDArray[np.floating]:
    if task == "value":
        return np.array([number(sheet, row, name, cells[name]) for name in values], np.float32)
    said = _said(cells)
    places = [allowed.get(one.lower(), allowed.get(alias(one))) for one in said]
    if None in places or (task == "class" and len(places) != 1):
        raise DataError(
            sheet, row, f"label {cells['label']!r} is not in {goal.name}; allowed: {', '.join(goal.labels)}"
        )
    if task == "class":
        return int(places[0] or 0)
    target = np.zeros(len(goal.labels), np.float32)
    target[[place or 0 for place in places]] = 1.0
    return target


def _told(cell: Any) -> str:
    """A cell as a CSV says it: a Parquet number 0 is no empty cell, a list has | between its items."""
    return "|".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def _said(cells: Row) -> list[str]:
    return [one.strip() for one in cells["label"].split("|") if one.strip()]


def _sample(sheet: Path, row: int, cells: Row, target: int | NDArray[np.floating]) -> Sample:
    start, end = (number(sheet, row, c, cells[c]) if cells.get(c) else None for c in ("start", "end"))
    first = start or 0.0
    if first < 0 or (end is not None and end <= first):
        until = "" if end is None else f" and ends at {end:g} s"
        raise DataError(sheet, row, f"starts at {first:g} s{until}; 0 <= start < end is needed")
    files = {name: cells[name] for name in MODALITIES if name != "text" and cells.get(name)}
    if cells.get("file"):
        files |= dict.fromkeys(_modalities(sheet, row, cells["file"]), cells["file"])
    features = {m: _vector(sheet, row, cells[f"{m}_features"]) for m in MODALITIES if cells.get(f"{m}_features")}
    named = cells.get("file") or f"row {row}"
    name = cells.get("id") or (named if start is None else f"{named}@{start:.9g}")
    speaker = cells.get("speaker", "")
    return Sample(
        name, cells.get("group") or speaker or name, features, target, words=cells.get("text", ""),
        speaker=speaker, place=start if start is not None else float(row),
        clips={m: Clip(str(sheet.parent / one), start, end) for m, one in files.items()},
    )  # fmt: skip


def _modalities(sheet: Path, row: int, file: str) -> list[str]:
    ending = Path(file).suffix.lower()
    found = next((names for names, endings in ENDINGS.items() if ending in endings), None)
    if found is None:
        raise DataError(
            sheet, row, f"{file!r}: cannot tell what {ending or 'no ending'} is; use the columns audio, face, ..."
        )
    return found.split()


def _vector(sheet: Path, row: int, file: str) -> NDArray[np.float32]:
    path = sheet.parent / file
    if not path.is_file():
        raise DataError(sheet, row, f"no features {file!r} in {sheet.parent}")
    values: Any = read_array(path)
    numbers = isinstance(values, np.ndarray) and values.dtype.kind in "fiu"
    if not numbers or values.ndim not in (1, 2) or not values.shape[-1]:
        raise DataError(sheet, row, f"{file!r} must hold numbers, (width,) or (time, width)")
    return np.asarray(values, np.float32).reshape(-1, values.shape[-1])
