"""Votes from a CSV or TSV file: one row a selection, or one row an item with a column of counts for each label."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence

from mien.errors import DataError, InputError
from mien.files import read_bounded
from mien.raters.tables import Labels
from mien.raters.votes import Votes

LARGEST = 256 << 20


def read_votes(
    path: str | os.PathLike[str],
    *,
    item: str = "item",
    rater: str | None = "rater",
    label: str = "label",
    labels: Labels = None,
    outside: Sequence[str] | str = (),
    repeats: str = "error",
) -> Votes:
    """Votes from a file with a header row: comma-, semicolon- or tab-separated, UTF-8, at most 256 MiB.

    item, rater, label: column names of a long table; rater=None: the file is a wide table of counts, whose columns
    are the labels (labels=None: all but `item` and `outside`) and, where there is one, `item`.
    The other arguments are those of `Votes.from_table` and `Votes.from_counts`. Raises InputError where the file
    cannot be read, DataError with the line for a wrong row, RequestError for a missing column.
    """
    header, lines = _rows(path)
    table = {name: [row[place] for _, row in lines] for place, name in enumerate(header)}
    try:
        if rater is not None:
            names = {"item": item, "rater": rater, "label": label}
            return Votes.from_table(table, **names, labels=labels, outside=outside, repeats=repeats)
        items = table.pop(item, None)
        return Votes.from_counts(table, labels=labels, outside=() if isinstance(outside, str) else outside, items=items)
    except DataError as error:
        line = lines[error.row - 1][0] if error.row else None
        raise DataError(path, line, error.why) from None


def _rows(path: str | os.PathLike[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """(header, rows with the line each ends on); InputError or DataError where they do not fit together."""
    try:
        text = read_bounded(path, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, f"byte {error.start}", "is not UTF-8; save the file as UTF-8") from None
    if not text.strip():
        raise InputError(path, "", "is empty; a header row and rows of votes are needed")
    head = text.splitlines()[0]
    reader = csv.reader(text.splitlines(keepends=True), delimiter=max(",;\t", key=head.count))
    try:
        found = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise DataError(path, reader.line_num, f"{error}; check the quotes") from None
    (_, header), *rows = found
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise InputError(path, "line 1", f"column {twice[0]!r} stands twice; each must stand once")
    for line, row in rows:
        if len(row) != len(header):
            raise DataError(path, line, f"{len(row)} cells, the header has {len(header)}")
    return header, rows
