"""Predictions beside their reference: by id, nothing dropped in silence, within bounded memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from mien.errors import DataError
from mien.scoring.columns import ANSWER, ID, TRUTH, missing_column, seek

KEEP_LIMIT = 1 << 31
"""Bytes (about) of the rows that are kept for scoring, at most."""

_ROW_COST = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its 1-based number and its cells."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """One sample: what was predicted (None where it is missing) and what is true."""

    id: str
    prediction: Row | None
    reference: Row


@dataclass(frozen=True, slots=True)
class Joined:
    """The samples in the order of the reference.

    missing: ids of the reference without prediction (in `pairs` with prediction None, or left out where they were
    skipped); extra: predictions whose id is not in the reference; warnings: the counted sentences about both.
    """

    pairs: tuple[Pair, ...]
    missing: tuple[str, ...] = ()
    extra: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that are already at hand, and the path that errors shall name."""

    path: object
    rows: Iterable[tuple[int, dict[str, Any]]]


Source = str | os.PathLike[str] | Rows


def join(
    predictions: Source, reference: Source, *, ids: tuple[str, ...] = ID, answer: tuple[str, ...] | None = ANSWER,
    truth: tuple[str, ...] | None = TRUTH, missing: Literal["wrong", "skip"] = "wrong",
    trim: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None,
) -> Joined:  # fmt: skip
    """Join two tables by id.

    ids, answer, truth: names of the columns that must be there (None: not asked); missing: whether a reference without
    prediction stays (as wrong) or is left out; trim: called on each prediction that is kept, to keep less of it.
    Ids are compared as text without outer blanks (3, "3" and " 3" are the same).

    Raises DataError: a wrong column, an empty id, an id that comes twice (both rows are named), no id in common, more
    rows than memory is kept for. Extra and missing predictions are counted in `warnings`.
    """
    wanted = _Side(reference, "reference")
    truths = {key: row for key, row in wanted.rows(ids, truth, "label")}
    given = _Side(predictions, "predictions")
    answers: dict[str, Row] = {}
    strangers: list[str] = []
    for key, row in given.rows(ids, answer, "answer", trim, truths):
        if key in truths:
            answers[key] = row
        else:
            strangers.append(key)
    if not answers:
        raise DataError(given.path, None, _nothing_common(strangers, truths, wanted.path))
    lost = tuple(key for key in truths if key not in answers)
    pairs = (Pair(key, answers.get(key), row) for key, row in truths.items())
    kept = tuple(pair for pair in pairs if pair.prediction is not None or missing == "wrong")
    return Joined(kept, lost, len(strangers), tuple(_warnings(lost, strangers, missing, len(truths))))


class _Side:
    """One table of the two, with the bookkeeping of duplicates and memory."""

    def __init__(self, source: Source, role: str) -> None:
        self.role = role
        self.path: object = source.path if isinstance(source, Rows) else source
        self.source = source
        self.cost = 0

    def _given(self) -> Iterable[tuple[int, dict[str, Any]]]:
        if isinstance(self.source, Rows):
            return self.source.rows
        from mien.scoring.records import read_rows

        return read_rows(self.source)

    def rows(
        self, ids: tuple[str, ...], needed: tuple[str, ...] | None, what: str,
        trim: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None, known: Mapping[str, Row] | None = None,
    ) -> Iterator[tuple[str, Row]]:  # fmt: skip
        """(id, row), each id once; rows whose id is not in `known` are counted with their id alone."""
        seen: dict[str, int] = {}
        for number, values in self._given():
            key = self._id(number, values, ids)
            if needed is not None and seek(values, needed) is None:
                raise DataError(self.path, number, missing_column(what, list(values), needed))
            if key in seen:
                why = f"the id {key!r} was there before, in row {seen[key]}; each id may come once"
                raise DataError(self.path, number, why)
            seen[key] = number
            keep = known is None or key in known
            row = Row(number, (trim(values) if trim else values) if keep else {})
            self._pay(number, row.values)
            yield key, row

    def _id(self, number: int, values: dict[str, Any], ids: tuple[str, ...]) -> str:
        column = seek(values, ids)
        if column is None:
            raise DataError(self.path, number, missing_column("id", list(values), ids))
        key = values[column]
        text = "" if key is None or isinstance(key, (dict, list)) else str(key).strip()
        if not text:
            raise DataError(self.path, number, f"the id (column {column!r}) is empty or no text")
        return text

    def _pay(self, number: int, values: Mapping[str, Any]) -> None:
        self.cost += _ROW_COST + sum(_size(value) for value in values.values())
        if self.cost > KEEP_LIMIT:
            why = f"the rows of the {self.role} up to here take more than {KEEP_LIMIT >> 30} GiB; split the file"
            raise DataError(self.path, number, why)


def _size(value: object) -> int:
    if isinstance(value, str):
        return 2 * len(value)
    return sum(64 + _size(part) for part in value) if isinstance(value, (list, dict)) else 32


def _nothing_common(strangers: list[str], truths: Mapping[str, Row], reference: object) -> str:
    first, true = strangers[0], next(iter(truths))
    why = f"none of its {len(strangers)} ids (first: {first!r}) is in {reference} (first: {true!r})"
    stems = {_stem(key) for key in truths}
    if any(_stem(key) in stems for key in strangers[:10_000]):
        return f"{why}; they agree without file endings, folders and case: write the ids as in the reference"
    return f"{why}; it looks like the reference of another data set"


def _stem(key: str) -> str:
    return PurePath(key.replace("\\", "/")).stem.lower()


def _warnings(lost: tuple[str, ...], strangers: list[str], missing: str, total: int) -> Iterator[str]:
    if lost:
        what = "counted as wrong" if missing == "wrong" else "left out"
        yield f"{len(lost)} of {total} samples have no prediction ({_some(lost)}); {what}"
    if strangers:
        yield f"{len(strangers)} predictions have ids that the reference lacks ({_some(strangers)}); not scored"


def _some(keys: tuple[str, ...] | list[str]) -> str:
    return ", ".join(keys[:3]) + (", ..." if len(keys) > 3 else "")
