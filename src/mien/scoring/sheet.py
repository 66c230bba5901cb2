"""A table that people check: offered as CSV for any spreadsheet, read back, and never written over."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.errors import DataError
from mien.files import write_atomic
from mien.scoring.records import read_rows

DROP = frozenset(("drop", "no", "reject"))
FORMULA = ("=", "+", "-", "@", "\t")
FIXED = ("id", "checked", "note", "source")

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What people have done with a sheet.

    passed: id -> the cells as they left them; by: id -> who checked; dropped: ids they struck out; waiting: ids that
    nobody checked yet; stale: of those, ids whose material changed after they had been checked.
    """

    passed: Mapping[str, Cells]
    by: Mapping[str, str]
    dropped: tuple[str, ...]
    waiting: tuple[str, ...]
    stale: tuple[str, ...]


def source(cells: Cells) -> str:
    """A short digest of the material a row was made from."""
    return hashlib.sha256(json.dumps(dict(cells), sort_keys=True).encode("utf-8", "replace")).hexdigest()[:12]


def check(path: Path, offered: Mapping[str, Cells], columns: Sequence[str]) -> Checked:
    """Offer rows to be checked and read back those that were.

    Whoever has checked (and corrected) a row writes a name into its column `checked`, or "drop" to strike the item
    out. Rows already there stay as people left them; new ones are added below. A row whose material has changed since
    keeps its cells, loses its check, and says so in `note`. Raises DataError: a column missing, an id twice.
    """
    held = _read(path, columns) if path.exists() else {}
    before = json.dumps(held, sort_keys=True)
    stale = []
    for key, cells in offered.items():
        stamp = source(cells)
        row = held.get(key)
        if row is None or (row["source"] != stamp and _untouched(row, cells)):
            held[key] = {"id": key, **cells, "checked": "", "note": "", "source": stamp}
        elif row["source"] != stamp:
            held[key] = {**row, "checked": "", "note": _changed(row, cells), "source": stamp}
        if held[key]["note"] and not held[key]["checked"].strip():
            stale.append(key)
    if json.dumps(held, sort_keys=True) != before:
        _write(path, held, columns)
    verdicts = {key: held[key]["checked"].strip() for key in offered}
    dropped = tuple(key for key, verdict in verdicts.items() if verdict.lower() in DROP)
    by = {key: verdict for key, verdict in verdicts.items() if verdict and key not in dropped}
    passed = {key: {name: held[key][name] for name in columns} for key in by}
    waiting = tuple(key for key, verdict in verdicts.items() if not verdict)
    return Checked(passed, by, dropped, waiting, tuple(stale))


def _untouched(row: Mapping[str, str], cells: Cells) -> bool:
    """Whether a row is still as it was offered."""
    same = source({name: row.get(name, "") for name in cells}) == row["source"]
    return same and not row["checked"].strip() and not row["note"].strip()


def _changed(row: Mapping[str, str], cells: Cells) -> str:
    now = "; ".join(f"{name} is now: {text}" for name, text in cells.items() if text != row.get(name))
    who = row["checked"].strip()
    return f"changed after {who} had checked it; {now}" if who else f"changed meanwhile; {now}"


def _read(path: Path, columns: Sequence[str]) -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = {}
    for number, row in read_rows(path):
        missing = [name for name in (*FIXED, *columns) if name not in row]
        if missing:
            raise DataError(path, number, f"has no column {', '.join(missing)}; columns: {', '.join(row)}")
        key = str(row["id"]).strip()
        if not key or key in held:
            raise DataError(path, number, f"the id {key!r} is {'there twice' if key else 'empty'}; each may come once")
        held[key] = {name: _bare(str(row[name] or "")) for name in row}
    return held


def _write(path: Path, rows: Mapping[str, Mapping[str, str]], columns: Sequence[str]) -> None:
    text = io.StringIO()
    names = ["id", *columns, "checked", "note", "source"]
    more = [name for row in rows.values() for name in row if name not in names]
    table = csv.DictWriter(text, [*names, *dict.fromkeys(more)], restval="", lineterminator="\n")
    table.writeheader()
    table.writerows({name: _safe(cell) for name, cell in row.items()} for row in rows.values())
    write_atomic(path, "\ufeff" + text.getvalue())  # the mark tells spreadsheets that this is UTF-8


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: subtitles and models' texts are not to be trusted."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
