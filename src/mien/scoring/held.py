"""A whole table in memory, up to a bound: for scorers that need every row at once."""

from __future__ import annotations

import os
from typing import Any

from mien.errors import DataError
from mien.scoring.join import KEEP_LIMIT
from mien.scoring.records import read_rows

_ROW_COST, _CELL_COST = 400, 64


def held_rows(path: str | os.PathLike[str], *, limit: int = KEEP_LIMIT) -> list[tuple[int, dict[str, Any]]]:
    """All rows of `read_rows`; DataError naming the row where they would take more than `limit` bytes (about)."""
    cost = 0
    rows = []
    for number, row in read_rows(path):
        cost += _ROW_COST + _size(row)
        if cost > limit:
            raise DataError(path, number, f"the rows up to here take more than {limit >> 20} MiB; split the file")
        rows.append((number, row))
    return rows


def _size(value: object) -> int:
    if isinstance(value, str):
        return _CELL_COST + 2 * len(value)
    if isinstance(value, dict):
        return _CELL_COST + sum(_size(key) + _size(part) for key, part in value.items())
    return _CELL_COST + (sum(map(_size, value)) if isinstance(value, list) else 0)
