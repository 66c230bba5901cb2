"""Answers to the same items in several languages, from one or more systems, as tables give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError
from mien.scoring.columns import ANSWER, GROUP, ID, TRUTH, missing_column, normal, seek
from mien.scoring.plain.samples import as_label
from mien.scoring.records import read_rows

LANGUAGE = ("language", "lang", "locale")
SYSTEM = ("system", "model", "modality", "modalities", "input", "inputs", "variant")
_WIDE = re.compile(r"(?:prediction|pred|answer)_(?P<language>[a-z_]{2,})")
_ONE = "all"


@dataclass(frozen=True, slots=True)
class Parallel:
    """ids (n,); labels of the reference, sorted; truth (n,) as indices into them; answers: system -> language -> (n,)
    indices, len(labels) for any answer that is none of them; groups (n,) or None.
    """

    ids: tuple[str, ...]
    languages: tuple[str, ...]
    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    answers: Mapping[str, Mapping[str, NDArray[np.int64]]]
    groups: tuple[str, ...] | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    row: int
    id: str
    system: str
    language: str
    label: str


def read_parallel(predictions: Path, reference: Path | None, *, skip: bool = False) -> Parallel:
    """Read answers in several languages.

    Long: columns id, language, prediction, and where wanted system (text, image, ...) and label; wide: id and one
    column prediction_<language> for each. reference: id and label, else the predictions hold the label. Labels are
    compared without case and outer blanks. The same items are needed in every language and system; with `skip` those
    that all have are kept and the others counted in a warning.
    Raises DataError: a missing column, an answer twice, an item without label or with two, items that differ.
    """
    answers, truth, groups = _read(predictions, reference is None)
    if reference is not None:
        _, truth, groups = _read(reference, True, answered=False)
    table: dict[str, dict[str, dict[str, str]]] = {}
    for one in answers:
        cells = table.setdefault(one.system, {}).setdefault(one.language, {})
        if one.id in cells:
            where = f"{one.language}, {one.system}" if one.system != _ONE else one.language
            raise DataError(predictions, one.row, f"a second answer to {one.id!r} ({where}); each item needs one")
        cells[one.id] = one.label
    languages = tuple(dict.fromkeys(one.language for one in answers))
    ids, warnings = _common(table, languages, truth, predictions, skip)
    labels = tuple(sorted({truth[key] for key in ids}))
    place = {label: at for at, label in enumerate(labels)}
    coded = {
        system: {
            name: np.array([place.get(cells[name][key], len(labels)) for key in ids], dtype=np.int64)
            for name in languages
        }
        for system, cells in table.items()
    }
    true = np.array([place[truth[key]] for key in ids], dtype=np.int64)
    bare = [key for key in ids if not groups.get(key)] if groups else []
    if bare:
        raise DataError(reference or predictions, None, f"{len(bare)} items have no group (first: {bare[0]!r})")
    members = tuple(groups[key] for key in ids) if groups else None
    return Parallel(ids, languages, labels, true, coded, members, tuple(warnings))


def _read(path: Path, labelled: bool, answered: bool = True) -> tuple[list[_Answer], dict[str, str], dict[str, str]]:
    """Answers, and the label and group of each item."""
    answers: list[_Answer] = []
    truth: dict[str, str] = {}
    groups: dict[str, str] = {}
    for at, row in read_rows(path):
        key = as_label(row[_need(row, ID, "id", path, at)])
        if not key:
            raise DataError(path, at, "the id is empty")
        if labelled:
            label = as_label(row[_need(row, TRUTH, "label", path, at)]).casefold()
            if not label:
                raise DataError(path, at, f"the label of {key!r} is empty")
            if truth.setdefault(key, label) != label:
                raise DataError(path, at, f"{key!r} has the label {label!r}, before {truth[key]!r}; each item has one")
        group = seek(row, GROUP)
        if group is not None:
            groups[key] = as_label(row[group])
        if answered:
            answers += _answers(row, key, path, at)
    return answers, truth, groups


def _answers(row: Mapping[str, Any], key: str, path: Path, at: int) -> Iterator[_Answer]:
    """The answers of a row: one with a column of the language, else one for each column prediction_<language>."""
    named = seek(row, SYSTEM)
    system = as_label(row[named]) if named is not None else _ONE
    spoken = seek(row, LANGUAGE)
    if spoken is not None:
        language = as_label(row[spoken])
        if not language:
            raise DataError(path, at, f"the language (column {spoken!r}) is empty")
        answer = row[_need(row, ANSWER, "prediction", path, at)]
        yield _Answer(at, key, system, language, as_label(answer).casefold())
        return
    wide = [(match["language"], name) for name in row if (match := _WIDE.fullmatch(normal(str(name))))]
    if not wide:
        some = ", ".join(map(str, list(row)[:12]))
        raise DataError(
            path, at, f"has no language; columns: {some}; allowed: language and prediction, or prediction_<language>"
        )
    for language, name in wide:
        yield _Answer(at, key, system, language, as_label(row[name]).casefold())


def _need(row: Mapping[str, Any], names: tuple[str, ...], what: str, path: Path, at: int) -> str:
    column = seek(row, names)
    if column is None:
        raise DataError(path, at, missing_column(what, list(row), names))
    return column


def _common(
    table: Mapping[str, Mapping[str, Mapping[str, str]]], languages: Sequence[str], truth: Mapping[str, str],
    path: Path, skip: bool,
) -> tuple[tuple[str, ...], list[str]]:  # fmt: skip
    """Ids that every language of every system has, in the order of the truth; DataError where they differ."""
    sets = {(system, name): table[system].get(name, {}) for system in table for name in languages}
    everyone = dict.fromkeys(key for cells in sets.values() for key in cells)
    unknown = [key for key in everyone if key not in truth]
    if unknown:
        raise DataError(path, None, f"{len(unknown)} items have no label in the reference (first: {unknown[0]!r})")
    kept = tuple(key for key in truth if all(key in cells for cells in sets.values()))
    short = {where: len(truth) - sum(key in cells for key in truth) for where, cells in sets.items()}
    lacking = {where: count for where, count in short.items() if count}
    if not lacking:
        return kept, []
    (system, name), count = max(lacking.items(), key=lambda one: one[1])
    where = f"{name} ({system})" if system != _ONE else name
    first = next(key for key in truth if key not in sets[system, name])
    why = f"{where} has {len(truth) - count} of {len(truth)} items (first without answer: {first!r})"
    if not skip:
        raise DataError(path, None, f"{why}; the same items are needed in every language, or --unreadable skip")
    if not kept:
        raise DataError(path, None, f"no item has an answer in every language: {why}")
    return kept, [f"{len(truth) - len(kept)} of {len(truth)} items lack a language and are left out: {why}"]
