"""Reads the catalogue's tables and checks every row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from mien.errors import DataError, RequestError
from mien.scoring.catalogue.entries import Benchmark, Dataset, Entry, Model

KINDS: dict[str, type[Entry]] = {"datasets": Dataset, "models": Model, "benchmarks": Benchmark}
"""Table -> what its rows are."""

_ARXIV = re.compile(r"\d{4}\.\d{4,5}")
_YES = {"yes": True, "no": False}
Kind = TypeVar("Kind", bound=Entry)


def datasets() -> tuple[Dataset, ...]:
    """All data sets, in the order of the table."""
    return _load("datasets", Dataset)


def models() -> tuple[Model, ...]:
    """All models, in the order of the table."""
    return _load("models", Model)


def benchmarks() -> tuple[Benchmark, ...]:
    """All benchmarks, in the order of the table."""
    return _load("benchmarks", Benchmark)


def catalogue(kind: str) -> tuple[Entry, ...]:
    """A table by its name; RequestError names those that exist."""
    if kind not in KINDS:
        raise RequestError(f"unknown table {kind!r}; allowed: {', '.join(KINDS)}")
    return _load(kind, KINDS[kind])


def parse(text: str, kind: type[Kind], *, path: object = "<table>") -> tuple[Kind, ...]:
    """Rows of a CSV with the columns of `kind` (further ones are left alone).

    Raises DataError with the row: a missing column, an empty or repeated name, a year outside 1990 to 2030, `verified`
    or `arxiv_seen` that is not yes or no, an arXiv id of another form, `arxiv_seen` without an id or the other way.
    """
    wanted = [field.name for field in fields(kind)]
    table = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in wanted if name not in (table.fieldnames or [])]
    if missing:
        raise DataError(path, None, f"lacks the columns {', '.join(missing)}; needed: {', '.join(wanted)}")
    found: dict[str, Kind] = {}
    for at, row in enumerate(table, start=1):
        cells = _checked({name: (row[name] or "").strip() for name in wanted}, path, at)
        if cells["name"] in found:
            raise DataError(path, at, f"the name {cells['name']!r} stands twice")
        found[cells["name"]] = kind(**cells)
    return tuple(found.values())


def _checked(row: Mapping[str, str], path: object, at: int) -> dict[str, Any]:
    def need(right: bool, what: str) -> None:
        if not right:
            raise DataError(path, at, f"{row['name'] or '(no name)'}: {what}")

    need(bool(row["name"]), "the name is empty")
    need(row["year"].isascii() and row["year"].isdigit(), f"year {row['year']!r}; a number is needed")
    need(1990 <= int(row["year"]) <= 2030, f"year {row['year']}; allowed: 1990 to 2030")
    need(row["verified"] in _YES, f"verified {row['verified']!r}; allowed: yes, no")
    need(not row["arxiv"] or bool(_ARXIV.fullmatch(row["arxiv"])), f"arXiv id {row['arxiv']!r}; form: 2509.24322")
    seen = row["arxiv_seen"]
    need(seen in _YES if row["arxiv"] else not seen, f"arxiv_seen {seen!r}; yes or no with an id, empty without")
    return {
        **row, "year": int(row["year"]), "verified": _YES[row["verified"]],
        "arxiv_seen": _YES[seen] if seen else None,
    }  # fmt: skip


def _load(kind: str, what: type[Kind]) -> tuple[Kind, ...]:
    return parse(_text(kind), what, path=f"{kind}.csv")


@cache
def _text(kind: str) -> str:
    return resources.files(__package__).joinpath(f"{kind}.csv").read_text("utf-8")
