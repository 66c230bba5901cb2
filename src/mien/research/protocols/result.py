"""What a bench leaves behind: a versioned file that says how every number came about, and can be read again."""

from __future__ import annotations

import dataclasses
import json
import math
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from mien.errors import InputError
from mien.files import read_bounded, write_atomic
from mien.research.protocols.scores import Difference, Row

SCHEMA = "mien-bench/1"


@dataclass(frozen=True, slots=True)
class Result:
    """protocol: name and settings; data: name, task, labels, counts, digest; systems: label -> nearness, settings,
    parameters, seconds; seeds; how: training settings all share; rows, differences: the numbers; failed: (system, fold,
    seed, why); audit, notes: what a reader must know; run: command, versions, machine."""

    protocol: Mapping[str, Any]
    data: Mapping[str, Any]
    systems: Mapping[str, Mapping[str, Any]]
    seeds: tuple[int, ...]
    how: Mapping[str, Any]
    rows: tuple[Row, ...]
    differences: tuple[Difference, ...] = ()
    failed: tuple[tuple[str, str, int, str], ...] = ()
    audit: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)
    schema: str = SCHEMA

    @property
    def headline(self) -> str:
        """The metric that tables show first."""
        return self.rows[0].metric if self.rows else ""

    def to_json(self) -> str:
        """The file's text; numbers that are not defined are null."""
        told = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        ordered = {"schema": told.pop("schema"), **told}
        return json.dumps(_plain(ordered), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def save(self, path: Path | str) -> None:
        """Write it; a stopped write leaves the old file."""
        write_atomic(Path(path), self.to_json())


def read_result(path: Path | str) -> Result:
    """A result file; InputError where it is none, or of another version."""
    try:
        told = json.loads(read_bounded(path, 256 << 20))
        if told.get("schema") != SCHEMA:
            raise InputError(path, "", f"has the schema {told.get('schema')!r}; this Mien reads {SCHEMA!r}")
        told["rows"] = tuple(Row(**_numbers(row)) for row in told["rows"])
        told["differences"] = tuple(Difference(**_numbers(one)) for one in told["differences"])
        for name in ("seeds", "audit", "notes"):
            told[name] = tuple(told[name])
        told["failed"] = tuple(tuple(one) for one in told["failed"])
        return Result(**told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(path, "", f"is no result of mien bench ({type(error).__name__}: {error})") from None


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    found = dict(row)
    for name in ("mean", "std", "value"):
        if name in found and found[name] is None:
            found[name] = math.nan
    if found.get("interval") is not None:
        found["interval"] = tuple(found["interval"])
    if "values" in found:
        found["values"] = tuple(math.nan if value is None else value for value in found["values"])
    return found


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def facts(command: Sequence[str] | None = None) -> dict[str, Any]:
    """Command, versions and machine of this run."""
    versions = {}
    for name in ("mien", "numpy", "torch", "distributed"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    words = list(command) if command is not None else [Path(sys.argv[0]).name, *sys.argv[1:]]
    return {
        "command": " ".join(words),
        "python": platform.python_version(),
        "versions": versions,
        "machine": f"{platform.system()} {platform.machine()}",
    }
