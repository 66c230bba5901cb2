"""Signals in a table of named columns: CSV or TSV (any of , ; tab), Parquet.

Time comes from a column named time, timestamp, t, seconds, ms ... (seconds, milliseconds, or dates), or from a rate: in
the column's name (`eda_4hz`), in a line `# rate=4` above the header, or given by the caller.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from mien.analysis.media.notices import note
from mien.analysis.media.numbers import MOST_VALUES, Array, blocks, checked_rate, lines, moment, number
from mien.analysis.media.recording import Notice, Signal
from mien.analysis.media.wearable import Wearable
from mien.errors import InputError, MissingExtra

MOST_COLUMNS = 256
NAMES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("eda", "gsr", "sc", "scl", "skin_conductance", "electrodermal"), ("eda", "uS")),
    **dict.fromkeys(("temp", "temperature", "skin_temp", "skin_temperature", "skt"), ("temperature", "degC")),
    **dict.fromkeys(("hr", "heart_rate", "heartrate", "bpm", "pulse_rate"), ("heart_rate", "bpm")),
    **dict.fromkeys(("bvp", "ppg", "pulse"), ("bvp", "a.u.")),
    **dict.fromkeys(("ibi", "rr", "rr_interval", "nn"), ("ibi", "s")),
    **{f"{stem}_{axis}": (f"acc_{axis}", "g") for stem in ("acc", "accel", "acceleration") for axis in "xyz"},
    **{f"{stem}{axis}": (f"acc_{axis}", "g") for stem in ("acc", "accel") for axis in "xyz"},
}
"""Column name (lower case, unit and rate taken off) -> (channel, unit if the column names none)."""
TIMES: dict[str, float] = {
    **dict.fromkeys(("time", "timestamp", "t", "seconds", "second", "sec", "time_s", "datetime", "date", "unix"), 1.0),
    **dict.fromkeys(("ms", "time_ms", "timestamp_ms", "milliseconds", "unix_ms"), 1e-3),
    **dict.fromkeys(("us", "time_us", "timestamp_us", "unix_us"), 1e-6),
    **dict.fromkeys(("ns", "time_ns", "timestamp_ns"), 1e-9),
}
"""Name of a time column -> seconds of its unit."""
UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("us", "µs", "μs", "microsiemens"), ("uS", 1.0)),
    "ns": ("uS", 1e-3),
    **dict.fromkeys(("c", "°c", "degc", "celsius"), ("degC", 1.0)),
    **dict.fromkeys(("bpm", "beats/min"), ("bpm", 1.0)),
    "ms": ("s", 1e-3),
    "s": ("s", 1.0),
    "g": ("g", 1.0),
    "mg": ("g", 1e-3),
    "1/64 g": ("1/64 g", 1.0),
    **dict.fromkeys(("m/s2", "m/s^2", "m/s²", "ms2"), ("m/s2", 1.0)),
}
"""Unit as written -> (unit, factor)."""
_RATE = re.compile(r"[_ @-]?(\d+(?:\.\d+)?)\s*hz$")
_UNIT = re.compile(r"\s*[\[(]([^\])]*)[\])]\s*$")


def looks_like(head: bytes) -> bool:
    """Whether the first bytes of a file are a table whose header names a wearable channel (and no spoken text)."""
    if b"\0" in head:
        return False
    text = head.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    rows = [line for line in text if line.strip() and not line.startswith("#")][:50]
    if not rows:
        return False
    delimiter = _delimiter(rows[0])
    plain = [_parse(cell)[0] for cell in _header(rows[0], delimiter)]
    # prose may begin with such a word: a table goes on with numbers
    figures = any(np.isfinite(number(cell)) for row in rows[1:] for cell in _header(row, delimiter))
    known = any(name in NAMES for name in plain) and not {"text", "utterance", "speaker"} & set(plain)
    return known and figures


def read_text(path: Path, named: str, notices: list[Notice], rate: float | None = None) -> Wearable:
    """A CSV or TSV with a header line; lines that begin with # before it may say `rate=4` and `start=<time>`."""
    with path.open("rb") as stream:
        rows = lines(stream, named)
        said: dict[str, float] = {}
        header, above = "", 0
        for line in rows:
            above += 1
            if line.startswith("#"):
                said |= {k.lower(): moment(v) for k, v in re.findall(r"(\w+)\s*[=:]\s*([^\s,;]+)", line)}
            elif line.strip():
                header = line
                break
        delimiter = _delimiter(header)
        names = _header(header, delimiter)
        _check_header(names, named, f"line {above or 1}")
        time = next((i for i, name in enumerate(names) if _parse(name)[0] in TIMES), None)
        table = _table(rows, names, delimiter, time, named, notices)
    return _wearable(names, table, time, said, named, notices, rate)


def read_parquet(path: Path, named: str, notices: list[Notice], rate: float | None = None) -> Wearable:
    """A Parquet file with one column a channel; numbers and timestamps are read, other columns are passed over."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("table", f"{named}: reading Parquet needs pyarrow") from None
    try:
        file = pq.ParquetFile(path)
        fields = [f for f in file.schema_arrow if _readable(pa, f.type)][: MOST_COLUMNS + 1]
        names = [f.name for f in fields]
        _check_header(names, named, "schema")
        if file.metadata.num_rows * len(names) > MOST_VALUES:
            raise InputError(named, "", f"holds more than {MOST_VALUES} numbers; cut the recording into parts")
        pieces = [np.empty((0, len(names)))]
        for batch in file.iter_batches(65_536, columns=names):
            pieces.append(np.stack([_column(pa, batch.column(name)) for name in names], axis=1))
        words = {k.decode("utf-8", "replace").lower(): v for k, v in (file.schema_arrow.metadata or {}).items()}
    except (pa.ArrowException, OSError) as error:
        raise InputError(named, "", f"is no readable Parquet file ({str(error).splitlines()[0][:120]})") from None
    said = {k: moment(words[k].decode("utf-8", "replace")) for k in ("rate", "start") if k in words}
    time = next((i for i, name in enumerate(names) if _parse(name)[0] in TIMES), None)
    dated = {f.name for f in fields if pa.types.is_timestamp(f.type)}
    return _wearable(names, np.concatenate(pieces), time, said, named, notices, rate, dated)


def _readable(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind))


def _column(pa: Any, column: Any) -> Array:
    scale = 1.0
    if pa.types.is_timestamp(column.type):
        column, scale = column.cast(pa.timestamp("ns", tz=column.type.tz)).cast(pa.int64()), 1e-9
    values: Array = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) * scale
    return np.where(np.isfinite(values), values, np.nan)


def _delimiter(line: str) -> str:
    return max("\t;,", key=lambda mark: (line.count(mark), "\t;,".index(mark) == 2))


def _header(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [cell.strip() for cell in line.split(delimiter)]


def _parse(name: str) -> tuple[str, str | None, float | None]:
    """Column name -> (plain name, unit as written, rate in Hz)."""
    plain, unit, rate = name.strip().lower(), None, None
    if found := _UNIT.search(plain):
        plain, unit = plain[: found.start()], found[1].strip()
    if unit and (hertz := re.fullmatch(r"(\d+(?:\.\d+)?)\s*hz", unit)):
        unit, rate = None, float(hertz[1])
    if found := _RATE.search(plain):
        plain, rate = plain[: found.start()], float(found[1])
    plain = re.sub(r"[\s-]+", "_", plain.strip())
    stem, _, ending = plain.rpartition("_")
    if stem in NAMES and ending in UNITS and plain not in TIMES:
        plain, unit = stem, ending
    return plain, unit, rate


def _check_header(names: list[str], named: str, where: str) -> None:
    if len(names) > MOST_COLUMNS:
        raise InputError(named, where, f"more than {MOST_COLUMNS} columns; a table of signals has one column a channel")
    plain = [_parse(name)[0] for name in names]
    numbers = any(np.isfinite(moment(name)) for name in names)
    if numbers or not any(name and name not in TIMES for name in plain):
        allowed = ", ".join(dict.fromkeys(channel for channel, _ in NAMES.values()))
        raise InputError(
            named, where, f"no header that names channels; name the columns ({allowed}, or your own names)"
        )


def _table(
    rows: Iterator[str], names: list[str], delimiter: str, time: int | None, named: str, notices: list[Notice]
) -> Array:
    pieces, bad, count = [np.empty((0, len(names)))], 0, 0
    times = () if time is None else (time,)
    for piece, wrong in blocks(chain(rows), len(names), delimiter, times):
        bad, count = bad + wrong, count + piece.size
        if count > MOST_VALUES:
            raise InputError(named, "", f"holds more than {MOST_VALUES} numbers; cut the recording into parts")
        pieces.append(piece)
    if bad:
        note(notices, "not-a-number", f"{bad} cells of the table are no numbers and count as gaps")
    return np.concatenate(pieces)


def _wearable(
    names: list[str],
    table: Array,
    time: int | None,
    said: dict[str, float],
    named: str,
    notices: list[Notice],
    rate: float | None,
    dated: set[str] | frozenset[str] = frozenset(),
) -> Wearable:
    if not len(table):
        raise InputError(named, "", "the table has a header but no rows")
    origin: float | None = said["start"] if 1e8 < said.get("start", 0.0) <= 1e11 else None
    when: Array | None = None
    if time is not None:
        scale = 1.0 if names[time] in dated else TIMES[_parse(names[time])[0]]
        table, when = _ordered(table, table[:, time] * scale, named, notices)
        # a date as a plain number: milliseconds and finer are told by their size
        while when[0] > 1e11:
            when = when / 1e3
        first = float(when[0])
        origin = first if first > 1e8 else origin
        when = when - first
    given = rate if rate is not None else said.get("rate")
    taken: set[str] = set()
    signals = []
    for index, name in enumerate(names):
        if index == time or not name:
            continue
        signal = _signal(name, table[:, index], when, given, named, taken)
        if signal is None:
            note(notices, "empty-channel", f"column {name!r} holds no number and is left out")
        else:
            signals.append(signal)
    if not signals:
        raise InputError(named, "", "no column holds numbers; a table of signals has one column of numbers a channel")
    return Wearable(tuple(signals), origin)


def _ordered(table: Array, when: Array, named: str, notices: list[Notice]) -> tuple[Array, Array]:
    good = np.isfinite(when)
    if not good.any():
        raise InputError(named, "time column", "holds no time; allowed: seconds, milliseconds (time_ms) or ISO dates")
    if not good.all():
        note(notices, "no-time", f"{int((~good).sum())} rows have no time and are left out")
        table, when = table[good], when[good]
    if (np.diff(when) < 0).any():
        note(notices, "time-order", "the times are not in order; the rows were put in order")
        order = np.argsort(when, kind="stable")
        table, when = table[order], when[order]
    twice = np.concatenate(([False], np.diff(when) == 0))
    if twice.any():
        note(notices, "time-twice", f"{int(twice.sum())} rows repeat a time; the first of each is kept")
        table, when = table[~twice], when[~twice]
    return table, when


def _signal(
    name: str, values: Array, when: Array | None, given: float | None, named: str, taken: set[str]
) -> Signal | None:
    plain, written, hertz = _parse(name)
    there = np.flatnonzero(np.isfinite(values))
    if not len(there):
        return None
    channel, unit = NAMES.get(plain, (plain, ""))
    known, factor = UNITS.get(written or "", (written or unit, 1.0))
    if plain in NAMES and unit != known and unit not in ("g",):
        known, factor = unit, 1.0  # a unit that this channel cannot have says nothing
    channel = plain if channel in taken else channel
    while channel in taken:
        channel += "_2"
    taken.add(channel)
    values = values * factor
    if when is not None:
        even = _even(when, values)
        return Signal(channel, known, *even) if even else Signal(channel, known, 0.0, None, values.copy(), times=when)
    rate = hertz or given
    if rate is None or not np.isfinite(rate):
        why = "no time column and no rate; name a column time, write '# rate=4' above the header, name the column"
        raise InputError(named, f"column {name!r}", f"{why} {plain}_4hz, or give the rate")
    # columns of different rates have different lengths: the empty end of the shorter ones is no gap
    return Signal(channel, known, 0.0, checked_rate(rate, named, f"column {name!r}"), values[: there[-1] + 1].copy())


def _even(when: Array, values: Array) -> tuple[float, float, Array] | None:
    """(start, rate, values with gaps as NaN) if the times lie on an even grid of not too many holes, else None."""
    if len(when) < 3:
        return None
    step = float(np.median(np.diff(when)))
    slot = np.round((when - when[0]) / step) if step > 0 else np.zeros(0)
    if not len(slot) or slot[-1] <= 0:
        return None
    step = float((when[-1] - when[0]) / slot[-1])
    slot = np.round((when - when[0]) / step)
    if slot[-1] > 4 * len(when) + 10_000 or (np.diff(slot) < 1).any() or not 1e-4 <= step <= 1e3:
        return None
    if np.abs(when - when[0] - slot * step).max() > 0.1 * step:
        return None
    out = np.full(int(slot[-1]) + 1, np.nan)
    out[slot.astype(int)] = values
    rate = 1.0 / step
    return float(when[0]), round(rate) if abs(rate - round(rate)) < 1e-3 * rate and rate >= 1 else rate, out
