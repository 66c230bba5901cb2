"""What a rater table can be handed over as: lists, NumPy, pandas, polars, torch, or `Votes`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError, RequestError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

WHERE = "<ratings>"


def plain(values: Any) -> Any:
    """The values as NumPy or Python objects: torch tensors come off their device, tables become their values."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        return (values.float() if "bfloat16" in str(values.dtype) else values).numpy()
    return values.to_numpy() if hasattr(values, "to_numpy") else values


def absent(value: Any) -> bool:
    """Whether a cell says "no answer": None, NaN, pandas' NA, or blank text."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    return type(value).__name__ in ("NAType", "NaTType") or value != value


def column(table: Any, name: str) -> list[Any]:
    """One column of a table by name: a mapping or data frame of columns, or a sequence of mappings (rows).

    Raises RequestError that lists the columns there are.
    """
    if isinstance(table, Sequence) and not isinstance(table, (str, bytes)):
        if not all(isinstance(row, Mapping) for row in table):
            raise _no_table(table)
        known = list(dict.fromkeys(key for row in table for key in row))
        if table and name not in known:
            raise _no_column(name, known)
        return [row.get(name) for row in table]
    if not hasattr(table, "columns") and not isinstance(table, Mapping):
        raise _no_table(table)
    names = list(table.columns) if hasattr(table, "columns") else list(table)
    if name not in names:
        raise _no_column(name, names)
    return listed(table[name], f"column {name!r}")


def listed(values: Any, what: str) -> list[Any]:
    """A column as a list; RequestError that names `what` where it is no sequence of single values."""
    array = plain(values)
    if isinstance(array, np.ndarray):
        array = array.tolist() if array.ndim == 1 else None
    if isinstance(array, (str, bytes, Mapping)) or not isinstance(array, Iterable):
        raise RequestError(f"{what}: expected one value an item, got {type(values).__name__}")
    return list(array)


def _no_table(table: Any) -> RequestError:
    kinds = "a data frame, a mapping of columns or a list of rows as mappings"
    return RequestError(f"a table of votes is {kinds}; got {type(table).__name__}")


def _no_column(name: str, known: Sequence[Any]) -> RequestError:
    return RequestError(f"the table has no column {name!r}; it has: {', '.join(map(str, known)) or 'none'}")


def matrix(values: Any) -> Floats:
    """Ratings as float64, shape (items, raters), NaN where a rater gave none (None, NaN or blank).

    Raises RequestError for another shape or no item, DataError with the row for text or infinite values.
    """
    found = plain(values)
    array = found if isinstance(found, np.ndarray) else _rows(found)
    if array.ndim != 2 or not array.size:
        raise RequestError(f"expected a table of shape (items, raters or classes), not empty; got shape {array.shape}")
    if array.dtype == object or array.dtype.kind in "US":
        array = np.array([[_number(cell, row) for cell in cells] for row, cells in enumerate(array.tolist(), 1)])
    result = np.asarray(array, dtype=np.float64)
    if np.isinf(result).any():
        raise DataError(WHERE, int(np.isinf(result).any(axis=1).argmax()) + 1, "an infinite rating; remove it")
    return result


def _rows(table: Any) -> NDArray[Any]:
    """Lists of rows as an array of objects; RequestError that names the row that is longer or shorter."""
    try:
        rows = [list(plain(row)) for row in table]
    except TypeError:
        raise RequestError("expected a table of shape (items, raters or classes): a list of rows or an array") from None
    odd = next((place for place, row in enumerate(rows) if len(row) != len(rows[0])), None)
    if odd is not None:
        why = f"{len(rows[odd])} cells, row 1 has {len(rows[0])}; every row needs the same number"
        raise DataError(WHERE, odd + 1, why)
    return np.array(rows, dtype=object)


def _number(cell: Any, row: int) -> float:
    if absent(cell):
        return float("nan")
    try:
        return float(cell)
    except (TypeError, ValueError):
        raise DataError(WHERE, row, f"{cell!r} is no number; labels in words go through Votes.from_matrix") from None
