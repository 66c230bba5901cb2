"""Rows of predictions and references: JSON Lines, JSON, CSV, TSV, Parquet; streamed, bounded, with errors that teach.

>>> import pathlib, tempfile
>>> path = pathlib.Path(tempfile.mkdtemp()) / "answers.csv"
>>> _ = path.write_text("id,prediction\\na,joy\\nb,fear\\n", encoding="utf-8")
>>> list(read_rows(path))
[(1, {'id': 'a', 'prediction': 'joy'}), (2, {'id': 'b', 'prediction': 'fear'})]
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from mien.errors import DataError, InputError, MissingExtra
from mien.scoring.columns import ANSWER, DATASET, GROUP, ID, TRUTH, pick, seek
from mien.scoring.join import Joined, Pair, Row, Rows, join
from mien.scoring.jsonstream import json_rows

__all__ = [
    "ANSWER", "DATASET", "ENDINGS", "GROUP", "ID", "ROW_LIMIT", "TRUTH",
    "Joined", "Pair", "Row", "Rows", "join", "pick", "read_rows", "seek",
]  # fmt: skip

ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""File endings that `read_rows` knows."""

ROW_LIMIT = 1 << 24
"""Bytes of one row, at most; a longer one is refused."""

_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"PK\x03\x04", "a zip or Excel file"))


def read_rows(path: str | os.PathLike[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row, values) of a table, one after the other, in bounded memory.

    row: 1-based; the line of a JSON Lines file, the row below the header of a CSV or TSV file, the place in a JSON list
    or object. values: column -> cell; cells of CSV and TSV are text as written, those of JSON and Parquet keep their
    type. A JSON object {id: object} gives {"id": id, **object}; {id: anything else} gives {"id": id, "value": ...}.
    A `.json` file may hold JSON Lines. UTF-8, with or without byte order mark.

    Raises InputError where the file cannot be opened, DataError (with the row) for a wrong encoding, broken JSON, cells
    that do not fit the header, a row over `ROW_LIMIT` and a table without rows, MissingExtra for Parquet without
    pyarrow.
    """
    source = Path(path)
    ending = source.suffix.lower()
    if source.is_dir():
        raise InputError(path, "", f"is a folder; name one file ({', '.join(ENDINGS)})")
    if ending not in ENDINGS:
        raise InputError(path, "", f"unknown ending {ending or '(none)'!r}; allowed: {', '.join(ENDINGS)}")
    try:
        rows = _parquet_rows(source) if ending == ".parquet" else _text_rows(source, ending)
        empty = True
        for number, row in rows:
            empty = False
            yield number, row
    except OSError as error:
        raise InputError(path, "", f"cannot be read ({error.strerror or error})") from None
    if empty:
        raise DataError(path, None, "holds no rows")


def _text_rows(path: Path, ending: str) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
        _refuse_strange(head, path)
        stream.seek(3 if head.startswith(b"\xef\xbb\xbf") else 0)
        if ending in (".csv", ".tsv"):
            yield from _cell_rows(stream, path, "\t" if ending == ".tsv" else None)
        elif _is_lines(head.removeprefix(b"\xef\xbb\xbf"), ending):
            yield from _line_rows(stream, path)
        else:
            yield from json_rows(stream, path, ROW_LIMIT)


def _refuse_strange(head: bytes, path: Path) -> None:
    for mark, name in _MARKS:
        if head.startswith(mark):
            raise DataError(path, None, f"is {name}; save it as text in UTF-8")
    if b"\x00" in head:
        raise DataError(path, None, "holds zero bytes, so it is no text in UTF-8; save it as UTF-8")


def _is_lines(head: bytes, ending: str) -> bool:
    """Whether the content is one JSON value per line: by its start, as both kinds come under both endings."""
    start = head.lstrip()
    if start[:1] == b"[":
        return False
    first, _, rest = start.partition(b"\n")
    if not rest.strip():
        return ending != ".json"
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return ending != ".json"
    return True


def _lines(stream: IO[bytes], path: Path, row: Callable[[int], int | None]) -> Iterator[str]:
    """Lines as text; `row` tells which row an error in the line of a number belongs to."""
    number = 0
    while line := stream.readline(ROW_LIMIT + 1):
        number += 1
        if len(line) > ROW_LIMIT:
            raise DataError(path, row(number), f"is longer than {ROW_LIMIT >> 20} MiB; is this the right file?")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            why = f"byte {error.start + 1} of the line is no UTF-8 (0x{line[error.start]:02x}); save the file as UTF-8"
            raise DataError(path, row(number), why) from None


def _line_rows(stream: IO[bytes], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_lines(stream, path, lambda line: line), start=1):
        if line.isspace():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(path, number, f"is no JSON ({error.msg}, character {error.pos + 1})") from None
        except (ValueError, RecursionError) as error:
            raise DataError(path, number, f"is no JSON that can be read ({error})") from None
        if not isinstance(row, dict):
            raise DataError(path, number, f'is {line.strip()[:40]!r}; allowed: an object such as {{"id": ...}}')
        yield number, row


def _cell_rows(stream: IO[bytes], path: Path, mark: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    header: list[str] = []
    lines = _lines(stream, path, lambda _: number + 1 if header else None)
    first = next((line for line in lines if not line.isspace()), "")
    table = csv.reader(_chain(first, lines), delimiter=mark or max(",;\t|", key=first.count), strict=False)
    try:
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(cells, path)
                continue
            number += 1
            if len(cells) != len(header):
                why = f"has {len(cells)} cells but the header {len(header)} columns ({_some(header)})"
                raise DataError(path, number, f"{why}; put cells that hold a separator or a line break in quotes")
            yield number, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        long = f"a cell is longer than {csv.field_size_limit()} characters: is a quote left open?"
        raise DataError(path, number + 1, long if "limit" in str(error) else str(error)) from None


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _header(cells: list[str], path: Path) -> list[str]:
    header = [cell.strip() for cell in cells]
    for name in header:
        if name and header.count(name) > 1:
            raise DataError(path, None, f"has the column {name!r} twice; columns: {_some(header)}")
    return header


def _some(names: list[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def _parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("table", f"{path}: reading Parquet needs pyarrow") from None
    number = 0
    try:
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=1024):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise DataError(path, number or None, f"is no Parquet that can be read ({str(error)[:120]})") from None
