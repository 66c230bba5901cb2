"""Tables of writers and readers: WRIME v1 and v2, EmoBank, or anyone's own with the same columns."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from mien.affect.perspective import released_text
from mien.errors import DataError
from mien.metrics.arrays import Numbers
from mien.scoring.columns import ID, normal, seek
from mien.scoring.records import read_rows

TEXT = ("sentence", "text", "post", "tweet", "utterance", "content")
WRITER = ("userid", "user_id", "user", "author", "author_id", "writer", "writer_id", "document", "speaker", "group")
SPLIT = ("train/dev/test", "split", "partition")
COLUMNS = "Writer_<emotion> with Reader1_<emotion>, Reader2_<emotion> ... or Reader_<emotion>"
"""What a table of writers and readers must have."""

_SIDES = (
    ("average", re.compile(r"(?:avg|average|mean)[._ ]*readers?[_ ](?P<name>.+)", re.IGNORECASE)),
    ("reader", re.compile(r"reader[_ ]?\d+[_ ](?P<name>.+)", re.IGNORECASE)),
    ("pooled", re.compile(r"readers?[_ ](?P<name>.+)", re.IGNORECASE)),
    ("writer", re.compile(r"writer[_ ](?P<name>.+)", re.IGNORECASE)),
)
_SCORE = re.compile(r"(?:hidden|scores?|predictions?|pred|prob|probability|p|logit)_(?P<name>.+)")
_NO_EMOTION = ("n", "id", "name", "count", "text", "sentence")
_SPELT = {"saddness": "Sadness"}
_WRIME = {"joy", "sadness", "anticipation", "surprise", "anger", "fear", "disgust", "trust"}

Sides = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class View:
    """One emotion as its writers and readers put it: writer (n,), readers (n, r), average (n,) of the table or None."""

    name: str
    writer: Numbers
    readers: Numbers
    average: Numbers | None


@dataclass(frozen=True, slots=True)
class Views:
    """All texts of a table.

    ids: (n,) as text, row numbers where the table has no id column (`numbered`); texts, writers: (n,) or None;
    grouping: "writers", or what else the texts are grouped by ("document"); views: one per emotion, in the order of the
    columns; scores: emotion -> a detector's score (n,), NaN where empty; edition: "WRIME v1", "WRIME v2" or ""; splits:
    name -> number of texts.
    """

    path: Path
    ids: tuple[str, ...]
    numbered: bool
    texts: tuple[str, ...] | None
    writers: tuple[str, ...] | None
    grouping: str
    views: tuple[View, ...]
    scores: Mapping[str, Numbers]
    edition: str
    splits: Mapping[str, int]
    warnings: tuple[str, ...]


def read_views(path: Path) -> Views:
    """Read a table of writers and readers.

    Columns: `COLUMNS`; an id (else the row number), a text, a writer (else every text stands for itself), a detector's
    scores (`score_columns`). A literal backslash-n in a text becomes a blank, as in the published code; the header's
    "Saddness" is read as Sadness.
    Raises DataError with the row: no emotion with both sides, a cell that is no number, an id that comes twice.
    """
    rows = read_rows(path)
    first = next(rows)
    header = list(first[1])
    emotions, lonely = _emotions(header)
    if not emotions:
        some = ", ".join(map(str, header[:12]))
        raise DataError(path, first[0], f"has no emotion with both sides; columns: {some}; needed: {COLUMNS}")
    scored = score_columns(header, tuple(emotions))
    table = _Texts(path, header)
    sides = _Numbers(path, [column for kinds in emotions.values() for group in kinds.values() for column in group])
    scores = _Numbers(path, list(scored.values()), empty=math.nan)
    for at, row in chain([first], rows):
        table.add(at, row)
        sides.add(at, row)
        scores.add(at, row)
    given, told = sides.columns(), scores.columns()
    warnings = (f"{', '.join(lonely)}: only one of writer and readers is there; not scored",) if lonely else ()
    return Views(
        path,
        tuple(table.ids),
        table.id_column is None,
        tuple(table.texts) or None,
        tuple(table.writers) or None,
        _grouping(table.writer),
        tuple(_view(name, kinds, given) for name, kinds in emotions.items()),
        {name: told[column] for name, column in scored.items()},
        _edition(emotions),
        dict(table.splits),
        warnings,
    )


def read_scores(path: Path, names: tuple[str, ...], views: Views) -> tuple[dict[str, Numbers], tuple[str, ...]]:
    """A detector's scores from a file of its own, in the order of the texts, NaN where there is none; and warnings.

    Joined by id; where neither file has ids, by row. Raises DataError: no score column, no id in common, twice the same
    id, numbers of rows that differ, a cell that is no number.
    """
    rows = read_rows(path)
    first = next(rows)
    scored = score_columns(list(first[1]), names, alone=True)
    if not scored:
        some, allowed = ", ".join(map(str, list(first[1])[:12])), ", ".join(names)
        raise DataError(path, first[0], f"has no column of scores; columns: {some}; allowed (one or more): {allowed}")
    table, scores = _Texts(path, list(first[1])), _Numbers(path, list(scored.values()), empty=math.nan)
    for at, row in chain([first], rows):
        table.add(at, row)
        scores.add(at, row)
    if (table.id_column is None) != views.numbered:
        without = path if table.id_column is None else views.path
        raise DataError(without, None, f"has no id column, but the other file has; allowed: {', '.join(ID[:6])}")
    if views.numbered and len(table.ids) != len(views.ids):
        why = f"{len(table.ids)} rows, but {views.path} has {len(views.ids)}; give both an id column"
        raise DataError(path, None, why)
    place = {key: at for at, key in enumerate(table.ids)}
    order = np.array([place.get(key, len(place)) for key in views.ids])
    found = int((order < len(place)).sum())
    if not found:
        why = f"none of its {len(place)} ids (first: {table.ids[0]!r}) is in {views.path} (first: {views.ids[0]!r})"
        raise DataError(path, None, why)
    extra = len(place) - found
    warnings = (f"{extra} predictions have ids that the reference lacks; not scored",) if extra else ()
    columns = scores.columns()
    return {name: np.append(columns[column], np.nan)[order] for name, column in scored.items()}, warnings


def score_columns(header: Sequence[str], names: tuple[str, ...], *, alone: bool = False) -> dict[str, str]:
    """Emotion -> column of a detector's scores: hidden_<emotion>, score_<emotion>, prediction_<emotion>, p_<emotion>.

    alone: in a file of its own the emotion's bare name will do, and any of score, prediction, probability, where there
    is one emotion only.
    """
    known = {normal(name): name for name in names}
    found: dict[str, str] = {}
    for column in header:
        plain = normal(str(column))
        match = _SCORE.fullmatch(plain)
        name = known.get(match["name"]) if match else known.get(plain) if alone else None
        if name is not None:
            found.setdefault(name, column)
    single = seek(header, ("score", "prediction", "probability", "pred", "hidden", "logit"))
    if alone and not found and len(names) == 1 and single is not None:
        return {names[0]: single}
    return found


class _Texts:
    """Ids, texts, writers and splits of the rows."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        self.id_column, self.text, self.writer, self.split = (seek(header, one) for one in (ID, TEXT, WRITER, SPLIT))
        self.texts: list[str] = []
        self.writers: list[str] = []
        self.splits: Counter[str] = Counter()
        self.ids: list[str] = []
        self._seen: dict[str, int] = {}

    def add(self, at: int, row: Mapping[str, Any]) -> None:
        key = str(at) if self.id_column is None else _word(row.get(self.id_column))
        if not key:
            raise DataError(self.path, at, f"the id (column {self.id_column!r}) is empty")
        if key in self._seen:
            why = f"the id {key!r} was there before, in row {self._seen[key]}; each id may come once"
            raise DataError(self.path, at, why)
        self._seen[key] = at
        self.ids.append(key)
        if self.text is not None:
            self.texts.append(released_text(_word(row.get(self.text))))
        if self.writer is not None:
            self.writers.append(_word(row.get(self.writer)))
            if not self.writers[-1]:
                raise DataError(self.path, at, f"the writer (column {self.writer!r}) is empty")
        if self.split is not None:
            self.splits[_word(row.get(self.split))] += 1


class _Numbers:
    """Some columns of numbers; empty: what an empty cell counts, an error where None."""

    def __init__(self, path: Path, columns: Sequence[str], empty: float | None = None) -> None:
        self._path, self._names, self._empty = path, columns, empty
        self._cells = array("d")

    def add(self, at: int, row: Mapping[str, Any]) -> None:
        self._cells.extend(self._number(row.get(name), at, name) for name in self._names)

    def _number(self, cell: object, at: int, name: str) -> float:
        blank = cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))
        if blank and self._empty is not None:
            return self._empty
        try:
            value = math.nan if isinstance(cell, bool) else float(cell)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            found = "empty" if blank else f"{str(cell)[:40]!r}"
            raise DataError(self._path, at, f"{name!r} is {found}; a number is needed")
        return value

    def columns(self) -> dict[str, Numbers]:
        if not self._names:
            return {}
        table = np.array(self._cells).reshape(-1, len(self._names))
        return dict(zip(self._names, table.T, strict=True))


def _word(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _emotions(header: Sequence[str]) -> tuple[dict[str, dict[str, list[str]]], list[str]]:
    """Emotion -> side -> columns, of the emotions with both sides; and the names of those with one side only."""
    found: dict[str, dict[str, list[str]]] = {}
    for column in header:
        matches = ((side, pattern.fullmatch(str(column).strip())) for side, pattern in _SIDES)
        side, match = next(((side, match) for side, match in matches if match), ("", None))
        if match is None or match["name"].strip().lower() in _NO_EMOTION:
            continue
        name = match["name"].strip()
        found.setdefault(_SPELT.get(name.lower(), name), {}).setdefault(side, []).append(column)
    both = {name: sides for name, sides in found.items() if "writer" in sides and len(sides) > 1}
    return both, [name for name in found if name not in both]


def _view(name: str, sides: Sides, columns: Mapping[str, Numbers]) -> View:
    average = columns[sides["average"][0]] if "average" in sides else None
    readers = sides.get("reader") or sides.get("pooled") or sides["average"]
    return View(name, columns[sides["writer"][0]], np.stack([columns[one] for one in readers], axis=1), average)


def _grouping(column: str | None) -> str:
    """What the groups are called: documents and speakers are no writers."""
    name = normal(column or "")
    return name if name in WRITER[WRITER.index("document") :] else "writers"


def _edition(names: Mapping[str, Any]) -> str:
    lower = {normal(name) for name in names}
    if not lower >= _WRIME:
        return ""
    return "WRIME v2" if "sentiment" in lower else "WRIME v1"
