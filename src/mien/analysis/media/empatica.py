"""The Empatica E4 export: ACC, BVP, EDA, TEMP, HR, IBI, tags and info in a folder or a zip.

Every channel file begins with its start (UTC seconds) and its rate in Hz, repeated for each axis; IBI.csv has pairs
(seconds from start, seconds) and no rate; tags.csv has one UTC time a line and may be empty; HR starts about 10 s late.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from mien.analysis.media.notices import note
from mien.analysis.media.numbers import MOST_VALUES, Array, blocks, checked_rate, lines, moment, number
from mien.analysis.media.recording import Notice, Signal
from mien.analysis.media.wearable import Wearable
from mien.errors import InputError

CHANNELS: dict[str, tuple[tuple[str, str], ...]] = {
    "ACC": (("acc_x", "1/64 g"), ("acc_y", "1/64 g"), ("acc_z", "1/64 g")),
    "BVP": (("bvp", "a.u."),),
    "EDA": (("eda", "uS"),),
    "TEMP": (("temperature", "degC"),),
    "HR": (("heart_rate", "bpm"),),
    "IBI": (("ibi", "s"),),
}
"""File stem -> (channel, unit) of its columns."""

MOST_MEMBERS = 1000
"""Entries of a zip: an export has eight."""
LARGEST_MEMBER = 256 << 20
"""Bytes one member may unpack to (two days of acceleration)."""
LARGEST_RATIO = 250
"""Unpacked to packed size above which a member over 4 MiB is refused (real exports: 3 to 40)."""
HALF_DAY = 43_200.0


def channel_of(name: str) -> str | None:
    """Which channel file a name is ("S02/ACC.csv" -> "ACC", "tags_S02.csv" -> "tags"), or None."""
    parts = name.replace("\\", "/").split("/")
    stem, dot, ending = parts[-1].rpartition(".")
    if "__MACOSX" in parts or parts[-1].startswith("._") or not dot or ending.lower() not in ("csv", "txt"):
        return None
    if ending.lower() == "csv":
        if stem.upper() in CHANNELS:
            return stem.upper()
        if stem.lower() == "tags" or stem.lower().startswith("tags_"):
            return "tags"
    return None


def read_folder(path: Path, named: str, notices: list[Notice]) -> Wearable:
    """An unpacked export."""
    files = {kind: path / name for name in sorted(os.listdir(path)) if (kind := channel_of(name))}
    if not set(files) & set(CHANNELS):
        raise InputError(named, "", _nothing("folder"))
    large = next((f for f in files.values() if f.stat().st_size > LARGEST_MEMBER), None)
    if large is not None:
        raise InputError(named, large.name, f"is larger than {LARGEST_MEMBER >> 20} MiB, the most that is read of a channel")
    return _read({kind: (file.name, None) for kind, file in files.items()}, lambda name: (path / name).open("rb"), named, notices)


def read_zip(path: Path, named: str, notices: list[Notice]) -> Wearable:
    """An export as it is downloaded. Nothing is unpacked to disk; sizes are checked before and while reading."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(_members(archive, named), archive.open, named, notices)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(named, "", f"is no readable zip ({error})") from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise InputError(named, "", f"is a damaged zip ({error})") from None
        raise


def _members(archive: zipfile.ZipFile, named: str) -> dict[str, tuple[str, int | None]]:
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise InputError(named, "", f"holds {len(entries)} entries, more than the {MOST_MEMBERS} of any export")
    found: dict[str, tuple[str, int | None]] = {}
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name[:3]:
            raise InputError(named, repr(entry.filename)[:80], "the entry points outside the zip; this is no export")
        kind = channel_of(name)
        if kind is None:
            continue
        if kind in found:
            raise InputError(named, name, f"a second {kind} file: give one session at a time (unpack and name the folder)")
        if entry.flag_bits & 1:
            raise InputError(named, name, "is encrypted; unpack it first")
        packed = max(entry.compress_size, 1)
        if entry.file_size > LARGEST_MEMBER or (entry.file_size > 4 << 20 and entry.file_size / packed > LARGEST_RATIO):
            why = f"would unpack from {packed} to {entry.file_size} bytes; allowed: {LARGEST_MEMBER >> 20} MiB, {LARGEST_RATIO} times"
            raise InputError(named, name, f"{why}. This looks like a zip bomb")
        found[kind] = (entry.filename, entry.file_size)
    if not set(found) & set(CHANNELS):
        raise InputError(named, "", _nothing("zip"))
    return found


def _nothing(what: str) -> str:
    return f"no wearable channel in this {what}; looked for {', '.join(f'{name}.csv' for name in CHANNELS)}"


def _read(files: dict[str, tuple[str, int | None]], open_: object, named: str, notices: list[Notice]) -> Wearable:
    opened = open_  # callable: member name -> binary stream
    raw: list[Signal] = []
    for kind, columns in CHANNELS.items():
        if kind not in files:
            note(notices, "missing-channel", f"{kind}.csv is missing; {columns[0][0].split('_')[0]} is left out")
            continue
        name, size = files[kind]
        try:
            with opened(name) as stream:  # type: ignore[operator]
                rows = lines(stream, named, name, (size or LARGEST_MEMBER) + 1)
                raw += _beats(rows, named, name, notices) if kind == "IBI" else _even(rows, kind, named, name, notices)
        except InputError as error:
            if "bomb" in error.why:
                raise
            note(notices, "bad-channel", f"{error.where or name}: {error.why}; the channel is left out")
    if not raw:
        why = next((n.text for n in notices if n.code == "bad-channel"), "every channel is empty")
        raise InputError(named, "", f"no channel can be read ({why})")
    return _on_one_clock(raw, files, opened, named, notices)


def _even(rows: Iterator[str], kind: str, named: str, name: str, notices: list[Notice]) -> list[Signal]:
    columns = CHANNELS[kind]
    first, second = next(rows, ""), next(rows, "")
    start, rate = moment(first.split(",")[0]), number(second.split(",")[0])
    if not np.isfinite(start):
        raise InputError(named, f"{name}, line 1", f"should be the start in UTC seconds, is {first[:40]!r}")
    if not np.isfinite(rate):
        raise InputError(named, f"{name}, line 2", f"should be the rate in Hz, is {second[:40]!r}")
    checked_rate(rate, named, f"{name}, line 2")
    table = _table(rows, len(columns), named, name, notices)
    if not len(table):
        note(notices, "empty-channel", f"{name} holds no value")
        return []
    return [Signal(channel, unit, start, rate, table[:, i].copy()) for i, (channel, unit) in enumerate(columns)]


def _beats(rows: Iterator[str], named: str, name: str, notices: list[Notice]) -> list[Signal]:
    start = moment(next(rows, "").split(",")[0])
    if not np.isfinite(start):
        raise InputError(named, f"{name}, line 1", 'should be "start, IBI" with the start in UTC seconds')
    table = _table(rows, 2, named, name, notices)
    good = np.isfinite(table).all(axis=1) & (table[:, 0] >= 0) & (table[:, 1] > 0)
    table = table[good]
    order = np.argsort(table[:, 0], kind="stable")
    if (order != np.arange(len(order))).any():
        note(notices, "time-order", f"{name}: beats out of order were put in order")
    if not len(table):
        note(notices, "empty-channel", f"{name} holds no beat")
        return []
    times = table[order, 0]
    return [Signal("ibi", "s", start, None, table[order, 1].copy(), times=start + times)]


def _table(rows: Iterator[str], columns: int, named: str, name: str, notices: list[Notice]) -> Array:
    pieces, bad, count = [np.empty((0, columns))], 0, 0
    for piece, wrong in blocks(rows, columns, ","):
        bad, count = bad + wrong, count + piece.size
        if count > MOST_VALUES:
            raise InputError(named, name, f"holds more than {MOST_VALUES} numbers; cut the recording into parts")
        pieces.append(piece)
    if bad:
        note(notices, "not-a-number", f"{name}: {bad} cells are no numbers and count as gaps")
    return np.concatenate(pieces)


def _on_one_clock(
    raw: list[Signal], files: dict[str, tuple[str, int | None]], opened: object, named: str, notices: list[Notice]
) -> Wearable:
    even = [s for s in raw if s.rate] or raw
    middle = float(np.median([s.start for s in even]))
    near = [s for s in raw if abs(s.start - middle) <= 86_400.0]
    for lost in (s for s in raw if s not in near):
        note(notices, "clock", f"{lost.name} starts {abs(lost.start - middle) / 3600:.0f} h from the others and is left out")
    origin = min(s.start for s in near)
    signals = tuple(
        Signal(s.name, s.unit, s.start - origin, s.rate, s.values, None if s.times is None else s.times - origin) for s in near
    )
    length = max(s.start + len(s.values) / s.rate if s.rate else float(s.times[-1]) for s in signals if s.times is not None or s.rate)  # type: ignore[index]
    marks = _marks(files, opened, origin, length, named, notices)
    return Wearable(signals, origin, marks, "Empatica E4")


def _marks(
    files: dict[str, tuple[str, int | None]], opened: object, origin: float, length: float, named: str, notices: list[Notice]
) -> tuple[float, ...]:
    if "tags" not in files:
        return ()
    name, size = files["tags"]
    try:
        with opened(name) as stream:  # type: ignore[operator]
            rows = lines(stream, named, name, (size or LARGEST_MEMBER) + 1)
            told = [moment(row.split(",")[0]) - origin for row in chain(rows) if row.strip()][:10_000]
    except InputError as error:
        note(notices, "bad-channel", f"{error.where or name}: {error.why}; button presses are left out")
        return ()
    marks, moved, lost = [], 0, 0
    for mark in told:
        shift = next((s for s in (0.0, HALF_DAY, -HALF_DAY) if -1.0 <= mark + s <= length + 1.0), None)
        lost, moved = lost + (shift is None), moved + bool(shift)
        if shift is not None:
            marks.append(mark + shift)
    if moved:
        note(notices, "clock", f"{name}: {moved} button presses were 12 hours off and were moved into the recording")
    if lost:
        note(notices, "clock", f"{name}: {lost} button presses lie outside the recording (another clock?) and are left out")
    return tuple(sorted(marks))
