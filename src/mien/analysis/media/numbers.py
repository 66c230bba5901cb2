"""Lines of numbers from untrusted text, in bounded pieces: fast where the text is clean, patient where it is not."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import IO

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError

Array = NDArray[np.float64]

LONGEST_LINE = 1 << 16
"""Bytes of the longest line that is read."""
MOST_VALUES = 50_000_000
"""Numbers read from one table: 400 MB in memory, a week of 64 Hz."""
PIECE = 20_000
"""Lines parsed at once."""
LOWEST_RATE, HIGHEST_RATE = 0.001, 10_000.0
"""Hz: rates outside are taken for a mistake."""


class TooLarge(InputError):
    """More material than any export has: not a fault of one channel, so the whole file is refused."""


def lines(stream: IO[bytes], named: str, where: str = "", most: int | None = None) -> Iterator[str]:
    """The lines of a binary stream as text without line ends, of bounded length; broken UTF-8 becomes U+FFFD.

    Raises InputError for a longer line, or when more than `most` bytes come (a zip member that lies about its size).
    """
    count = total = 0
    while raw := stream.readline(LONGEST_LINE + 1):
        count, total = count + 1, total + len(raw)
        if len(raw) > LONGEST_LINE:
            place = ", ".join(p for p in (where, f"line {count}") if p)
            raise InputError(named, place, f"the line is longer than {LONGEST_LINE} bytes; this is no table of signals")
        if most is not None and total > most:
            raise TooLarge(named, where, f"unpacks to more than the {most} bytes allowed; this looks like a zip bomb")
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        yield text.removeprefix("\ufeff") if count == 1 else text


def number(text: str) -> float:
    """A number as people write it ("1.5", " -0.00", "1,5"), NaN for anything else; infinities count as nothing."""
    try:
        value = float(text if "," not in text else text.replace(",", "."))
    except ValueError:
        return float("nan")
    return value + 0.0 if np.isfinite(value) and "_" not in text else float("nan")


def moment(text: str) -> float:
    """Seconds of a time: a plain number, or an ISO date and time (UTC if no zone is given); NaN for anything else."""
    value = number(text)
    if np.isfinite(value):
        return value
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        return float("nan")
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def blocks(
    rows: Iterator[str], columns: int, delimiter: str, times: tuple[int, ...] = ()
) -> Iterator[tuple[Array, int]]:
    """Pieces (k, columns) of a table of numbers, each with how many of its cells held something that is no number.

    Short rows are filled with NaN, further cells and empty lines are passed over; `times`: columns that may hold dates.
    """
    while piece := list(islice(rows, PIECE)):
        piece = [line for line in piece if line.strip()]
        if piece:
            yield _clean(piece, columns, delimiter) or _patient(piece, columns, delimiter, times)


def _clean(piece: list[str], columns: int, delimiter: str) -> tuple[Array, int] | None:
    try:
        table = np.loadtxt(piece, delimiter=delimiter, ndmin=2, comments=None)
    except ValueError:
        return None
    if table.shape != (len(piece), columns) or not np.isfinite(table).all():
        return None
    return table + 0.0, 0


def _patient(piece: list[str], columns: int, delimiter: str, times: tuple[int, ...]) -> tuple[Array, int]:
    out, bad = np.full((len(piece), columns), np.nan), 0
    for row, line in enumerate(piece):
        for column, cell in enumerate(_cells(line, delimiter)[:columns]):
            value = moment(cell) if column in times else number(cell)
            out[row, column] = value
            bad += bool(np.isnan(value)) and cell.strip().lower() not in _NOTHING
    return out, bad


_NOTHING = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "."})


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def checked_rate(rate: float, named: str, where: str) -> float:
    """The rate, if it is possible; else InputError with what is allowed."""
    if not (LOWEST_RATE <= rate <= HIGHEST_RATE):
        raise InputError(named, where, f"a rate of {rate:g} Hz; allowed: {LOWEST_RATE:g} to {HIGHEST_RATE:g}")
    return rate
