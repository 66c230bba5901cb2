"""Tables of data sets as rows of named cells, whether they come as CSV, TSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mien.errors import DataError, InputError, MissingExtra
from mien.files import read_bounded

LARGEST = 512 << 20
"""Bytes of a table that are read."""

Row = Mapping[str, Any]


def rows(
    path: Path, *, needs: Sequence[str] = (), delimiter: str | None = None, encoding: str = "utf-8",
    quoted: bool = True, columns: Sequence[str] | None = None,
) -> Iterator[tuple[int, Row]]:  # fmt: skip
    """(row number in the file, cells by column) of a table; column names in lower case with _ for blanks.

    needs: columns that must be there; delimiter: None for tab in .tsv and .txt, else comma; quoted: whether quotes
    hold cells together; columns: names where the file has no header. Cells of CSV are text, stripped; an empty cell
    is "", of Parquet too. Raises DataError for a missing column, a row of another length or another encoding,
    MissingExtra for Parquet.
    """
    if path.suffix == ".parquet":
        yield from _parquet(path, needs)
        return
    tab = delimiter or ("\t" if path.suffix in (".tsv", ".txt") else ",")
    reader = csv.reader(
        io.StringIO(_text(path, encoding), newline=""), delimiter=tab,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, strict=True,
    )  # fmt: skip
    number = 0
    try:
        header = list(columns) if columns is not None else _header(next(reader, []))
        _need(path, header, needs)
        for cells in reader:
            number = reader.line_num
            if not any(cells):
                continue
            if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
                raise DataError(path, number, f"has {len(cells)} cells, the header {len(header)}: {', '.join(header)}")
            yield number, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    except csv.Error as error:
        raise DataError(path, number or None, f"is no table: {error}; is a quote left open?") from None


def table(folder: Path, *stems: str, suffixes: Sequence[str] = (".csv", ".tsv", ".parquet")) -> Path | None:
    """The first file with one of these stems in the folder, or below it; None where there is none."""
    names = [f"{stem}{suffix}" for stem in stems for suffix in suffixes]
    if folder.is_file():
        return folder if folder.name in names else None
    return next(
        (path for name in names for path in (folder / name, *sorted(folder.rglob(name))) if path.is_file()), None
    )


def some(folder: Path, *stems: str, suffixes: Sequence[str] = (".csv", ".tsv", ".parquet")) -> Path:
    """As `table`, but InputError naming the files looked for where there is none."""
    found = table(folder, *stems, suffixes=suffixes)
    if found is None:
        raise InputError(folder, "", f"has none of: {', '.join(s + x for s in stems for x in suffixes)}")
    return found


def _header(names: Sequence[str]) -> list[str]:
    """Plain names; of two that differ in case only, the later ones are numbered."""
    made: list[str] = []
    for name in map(plain, names):
        made.append(f"{name}_{made.count(name) + 1}" if name and name in made else name)
    return made


def plain(name: str) -> str:
    """A column's name: lower case, _ for blanks, no dots."""
    return name.strip().strip("\ufeff\"'").lower().replace(".", "").replace(" ", "_")


def number(path: Path, row: int, column: str, cell: Any) -> float:
    """A cell as a finite number; DataError with the row."""
    try:
        value = float(cell)
    except (TypeError, ValueError):
        value = float("nan")
    if not abs(value) < float("inf"):
        raise DataError(path, row, f"{column} is {cell!r}; a number is needed")
    return value


def label(path: Path, row: int, cell: Any, allowed: Mapping[str, int]) -> int:
    """The place of a label (case and blanks aside) among the allowed ones; DataError with the row lists them."""
    found = allowed.get(str(cell).strip().lower())
    if found is None:
        raise DataError(path, row, f"label {cell!r} is none of: {', '.join(allowed)}")
    return found


def places(labels: Iterable[str]) -> dict[str, int]:
    """Label in lower case -> place."""
    return {name.lower(): place for place, name in enumerate(labels)}


def _text(path: Path, encoding: str) -> str:
    try:
        return read_bounded(path, LARGEST).decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError(path, None, f"is not {encoding} (byte {error.start}); save it as UTF-8") from None


def _parquet(path: Path, needs: Sequence[str]) -> Iterator[tuple[int, Row]]:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("table", f"{path.name} is a Parquet table") from None
    try:
        file = parquet.ParquetFile(path)
        header = _header(file.schema_arrow.names)
        _need(path, header, needs)
        start = 0
        for batch in file.iter_batches(batch_size=8192):
            for place, cells in enumerate(zip(*(column.to_pylist() for column in batch.columns), strict=True)):
                yield start + place, dict(zip(header, map(_cell, cells), strict=True))
            start += batch.num_rows
    except (arrow.ArrowInvalid, OSError) as error:
        raise InputError(path, "", f"is no Parquet table ({str(error).splitlines()[0]})") from None


def _cell(value: Any) -> Any:
    """A Parquet cell: nothing as "", as in a CSV; NaN is how pandas writes nothing among numbers."""
    return "" if value is None or value != value else value


def _need(path: Path, header: Sequence[str], needs: Sequence[str]) -> None:
    if lacking := [name for name in needs if name not in header]:
        raise DataError(path, None, f"has no column {', '.join(lacking)}; columns: {', '.join(header) or '(none)'}")
