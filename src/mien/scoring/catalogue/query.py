"""Searching, sorting and tabulating the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from mien.errors import RequestError
from mien.scoring.catalogue.entries import MODALITIES, TASKS, Benchmark, Dataset, Entry, Model
from mien.scoring.catalogue.terms import CLASSES

TERMS_NOTE = "* from memory, not verified. Licences change: check the owner's terms."
"""What every output must say."""

_ALIASES = {
    **dict(zip("avitpm", MODALITIES, strict=False)),
    **{"speech": "audio", "voice": "audio", "signal": "physiology", "visual": "video", "mocap": "motion"},
}
_NUMBER = re.compile(r"\d+")
Kind = TypeVar("Kind", bound=Entry)


def select(
    entries: Iterable[Kind], *, modality: Sequence[str] = (), task: Sequence[str] = (), licence: str | None = None,
    language: str | None = None, text: str | None = None,
) -> tuple[Kind, ...]:  # fmt: skip
    """The entries that fit all that is asked.

    modality: all of these must be there; task: all of these; licence: a class (open, non-commercial, on request,
    unknown) or a part of the licence's name; language: a part of its name; text: a part of any cell, in any case.
    RequestError lists what is allowed where a value is unknown to all entries, or a table has no such column.
    """
    kept = list(entries)
    for name in modality:
        wanted = _allowed(_ALIASES.get(name.lower(), name.lower()), MODALITIES, "modality", name)
        kept = [entry for entry in kept if wanted in entry.modalities]
    for name in task:
        kept = _with_task(kept, name, entries)
    if licence is not None:
        kept = _with_licence(kept, licence)
    if language is not None:
        kept = _with_language(kept, language)
    if text is not None:
        kept = [entry for entry in kept if any(text.lower() in cell.lower() for cell in cells(entry).values())]
    return tuple(kept)


def find(entries: Sequence[Kind], name: str) -> tuple[Kind, ...]:
    """The entry of that name in any case, else all whose name holds it; RequestError where there is none."""
    exact = tuple(entry for entry in entries if entry.name.lower() == name.strip().lower())
    if exact:
        return exact
    plain = _plain(name)
    near = tuple(entry for entry in entries if plain and plain in _plain(entry.name))
    if near:
        return near
    start = [entry.name for entry in order(entries) if plain[:1] and _plain(entry.name)[:1] == plain[0]]
    hint = f"; with the same first letter: {', '.join(start[:12])}" if start else ""
    raise RequestError(f"no entry is called {name!r}{hint}")


def order(entries: Iterable[Kind], by: str = "name") -> tuple[Kind, ...]:
    """Sorted by a column, ties by name; "-year" sorts downwards. Numbers inside texts count as numbers.

    RequestError lists the columns.
    """
    listed = list(entries)
    if not listed:
        return ()
    column, down = by.lstrip("-"), by.startswith("-")
    allowed = list(cells(listed[0]))
    if column not in allowed:
        raise RequestError(f"unknown column {column!r}; allowed: {', '.join(allowed)} (-COLUMN sorts downwards)")
    listed.sort(key=lambda entry: _natural(entry.name))
    listed.sort(key=lambda entry: _natural(cells(entry)[column]), reverse=down)
    return tuple(listed)


def columns(kind: type[Entry]) -> tuple[str, ...]:
    """The columns of a table: those of the file, then those that Mien derives."""
    return (*(field.name for field in fields(kind)), *_derived(kind))


def cells(entry: Entry) -> dict[str, str]:
    """A row as texts, yes and no written out: the columns of `columns`."""
    return {name: _said(getattr(entry, name)) for name in columns(type(entry))}


def _derived(kind: type[Entry]) -> tuple[str, ...]:
    further = {Dataset: ("licence_class", "per_rater"), Model: ("licence_class",), Benchmark: ("scorer",)}
    return ("tasks", "overlaps_with", *further.get(kind, ()))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Parts of a text so that 9 comes before 10; an empty text last."""
    if not text:
        return [(2, 0, "")]
    parts = re.split(r"(\d+)", text.casefold())
    return [(0, int(part), "") if _NUMBER.fullmatch(part) else (1, 0, part) for part in parts if part]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.lower())


def _allowed(value: str, known: Sequence[str], what: str, given: str) -> str:
    if value not in known:
        raise RequestError(f"unknown {what} {given!r}; allowed: {', '.join(known)}")
    return value


def _with_task(kept: list[Kind], name: str, entries: Iterable[Kind]) -> list[Kind]:
    families = sorted({entry.family for entry in entries if isinstance(entry, Model)})
    if name.lower() in {family.lower() for family in families}:
        return [entry for entry in kept if isinstance(entry, Model) and entry.family.lower() == name.lower()]
    wanted = _allowed(name.lower().replace("_", "-"), (*TASKS, *families), "task", name)
    return [entry for entry in kept if wanted in entry.tasks]


def _with_licence(kept: list[Kind], wanted: str) -> list[Kind]:
    if any(isinstance(entry, Benchmark) for entry in kept):
        raise RequestError("benchmarks have no licence of their own; look at the licences of their data sets")
    licensed: list[Any] = list(kept)
    plain = wanted.lower().replace("_", " ").strip()
    if plain.replace("-", " ") in [name.replace("-", " ") for name in CLASSES]:
        return [entry for entry in licensed if entry.licence_class.replace("-", " ") == plain.replace("-", " ")]
    part = [entry for entry in licensed if plain and plain in entry.licence.lower()]
    if licensed and not part:
        names = (re.split(r"[,;(]", entry.licence)[0].strip() for entry in licensed)
        known = sorted({name for name in names if name[:1].isupper()})
        allowed = f"{', '.join(CLASSES)}, or a part of {', '.join(known)}"
        raise RequestError(f"no licence is called {wanted!r}; allowed: {allowed}")
    return part


def _with_language(kept: list[Kind], wanted: str) -> list[Kind]:
    spoken: list[Any] = list(kept)
    if not all(isinstance(entry, Dataset) for entry in kept):
        raise RequestError("only data sets have a language; leave --language out")
    found = [entry for entry in spoken if wanted.strip().lower() in entry.language.lower()]
    if spoken and not found:
        parts = (re.sub(r" \(.*", "", part) for entry in spoken for part in entry.language.split(", "))
        known = sorted({part for part in parts if part[:1].isupper()})
        raise RequestError(f"no data set is in {wanted!r}; allowed: {', '.join(known)}")
    return found
