"""From the tables people have (long, wide, nested, counts) to the selections that `Votes` holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.affect.space import Space, space
from mien.errors import DataError, RequestError
from mien.raters.arrays import Integers, absent, column, matrix

WHERE = "<votes>"
Labels = Space | str | Sequence[str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Selections:
    """Checked rows of votes: the fields of `Votes` before it is one."""

    space: Space
    outside: tuple[str, ...]
    items: tuple[str, ...]
    raters: tuple[str, ...]
    item: Integers
    rater: Integers
    label: Integers
    missing: int


def classes_of(labels: Labels) -> Space:
    """The label space asked for; RequestError where there is no label at all."""
    if isinstance(labels, Space):
        return labels
    if isinstance(labels, str):
        return space(labels)
    names = tuple(map(str, labels or ()))
    if not names:
        raise RequestError("votes need at least one label; give labels= (a space, its name or a list)")
    return Space("votes", names, "categorical", "the labels of these votes")


def name_of(value: Any) -> str:
    """A label or id as text: 3 and 3.0 are one, blanks around it are not part of it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def nested_rows(
    votes: Sequence[Sequence[Any]] | Mapping[str, Sequence[Any]],
) -> tuple[list[str], list[tuple[str, str, Any]]]:
    """(items, rows of item, rater, label) of nested lists: item -> raters -> a label, several, or None."""
    if isinstance(votes, str) or not isinstance(votes, (Sequence, Mapping)):
        raise RequestError(f"nested votes are a list of items, each a list of answers; got {type(votes).__name__}")
    named = votes if isinstance(votes, Mapping) else {str(row): answers for row, answers in enumerate(votes, 1)}
    return [str(name) for name in named], list(_walk(named))


def _walk(named: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, str, Any]]:
    for name, answers in named.items():
        if isinstance(answers, str) or not isinstance(answers, Iterable):
            raise RequestError(f"item {name}: expected a list of the raters' answers, got {answers!r}")
        for place, answer in enumerate(answers, 1):
            one = isinstance(answer, str) or not isinstance(answer, (Sequence, set, frozenset))
            for label in [answer] if one else sorted(answer, key=str):
                yield str(name), str(place), label


def axis_names(table: Any, axis: str, number: int) -> list[str]:
    """The names of a data frame's "columns" or "index", else "1", "2", …; RequestError where two are alike."""
    named = getattr(table, axis, None) if hasattr(table, "columns") else None
    names = [str(row) for row in range(1, number + 1)] if named is None else [name_of(name) for name in named]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RequestError(f"the {axis} of the ratings names {twice!r} twice; each must stand once")
    return names


def count_rows(
    counts: Any, labels: Labels, outside: Sequence[str], items: Sequence[Any] | None
) -> tuple[Space, tuple[str, ...], Integers]:
    """(classes, items, whole counts of shape (items, classes + outside)) of a wide table; see `Votes.from_counts`."""
    named = hasattr(counts, "columns") or isinstance(counts, Mapping)
    columns = [str(name) for name in getattr(counts, "columns", counts)] if named else []
    if labels is None and not named:
        raise RequestError("counts without column names need labels=")
    classes = classes_of([name for name in columns if name not in outside] if labels is None else labels)
    options = (*classes.labels, *outside)
    table = matrix(np.array([column(counts, name) for name in options], dtype=object).T if named else counts)
    if table.shape[1] != len(options):
        raise RequestError(f"counts have {table.shape[1]} columns, labels and outside are {len(options)}")
    wrong = ~((table >= 0) & (table == np.floor(table))).all(axis=1)
    if wrong.any():
        raise DataError(WHERE, int(wrong.argmax()) + 1, "a count must be a whole number, 0 or more")
    ids = tuple(map(str, items)) if items is not None else tuple(str(row) for row in range(1, len(table) + 1))
    if len(ids) != len(table) or len(set(ids)) != len(ids):
        raise RequestError(f"items must name each of the {len(table)} rows once")
    return classes, ids, table.astype(np.int64)


def build(
    item: Sequence[Any],
    rater: Sequence[Any],
    label: Sequence[Any],
    *,
    labels: Labels,
    outside: Sequence[str] | str,
    repeats: str = "error",
    items: Sequence[str] = (),
) -> Selections:
    """Check and number the rows of a long table; see `Votes.from_table` for the arguments and errors."""
    if repeats not in ("error", "keep", "once"):
        raise RequestError(f"unknown repeats {repeats!r}; allowed: error, keep, once")
    names = ["" if absent(value) else name_of(value) for value in label]
    there = np.array([name != "" for name in names], dtype=bool)
    classes, beyond = _options(dict.fromkeys(filter(None, names)), labels, outside)
    options = {name: place for place, name in enumerate((*classes.labels, *beyond))}
    if len(options) < len(classes.labels) + len(beyond):
        raise RequestError("an outside answer is also a class; name it once")
    number = np.array([options.get(name, -1) for name in names], dtype=np.int64)
    if (there & (number < 0)).any():
        row = int((there & (number < 0)).argmax())
        raise DataError(WHERE, row + 1, f"unknown label {names[row]!r}; allowed: {', '.join(options)}")
    item_code, item_names = _codes(item, items, "item")
    rater_code, rater_names = _codes(rater, (), "rater")
    key = (item_code * max(1, len(rater_names)) + rater_code) * len(options) + number
    rows = np.flatnonzero(there)
    first = rows[np.sort(np.unique(key[rows], return_index=True)[1])]
    if repeats == "error" and len(first) < len(rows):
        row = int(np.setdiff1d(rows, first)[0])
        text = f"rater {rater[row]!r} chose {names[row]!r} twice for item {item[row]!r}"
        raise DataError(WHERE, row + 1, f"{text}; remove it or set repeats to keep or once")
    use = first if repeats == "once" else rows
    missing = int((~there).sum())
    return Selections(classes, beyond, item_names, rater_names, item_code[use], rater_code[use], number[use], missing)


def _options(seen: Mapping[str, None], labels: Labels, outside: Sequence[str] | str) -> tuple[Space, tuple[str, ...]]:
    """(the classes, the outside answers) as asked for, or as they occur."""
    if isinstance(outside, str) and outside != "any":
        raise RequestError(f'outside is a list of labels or "any", not {outside!r}')
    listed = () if isinstance(outside, str) else tuple(map(str, outside))
    classes = classes_of(sorted(name for name in seen if name not in listed) if labels is None else labels)
    if outside == "any":
        listed = tuple(sorted(name for name in seen if name not in classes.labels))
    return classes, listed


def _codes(values: Sequence[Any], start: Sequence[str], what: str) -> tuple[Integers, tuple[str, ...]]:
    """Number of each value in order of first appearance after `start`; DataError for a row without one."""
    known = {name: place for place, name in enumerate(start)}
    result = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        if absent(value):
            raise DataError(WHERE, row + 1, f"no {what}; every vote needs one")
        result[row] = known.setdefault(name_of(value), len(known))
    return result, tuple(known)
