"""The Empatica E4 export: ACC, BVP, EDA, TEMP, HR, IBI, tags and info in a folder or a zip.

Every channel file begins with its start (UTC seconds) and its rate in Hz, repeated for each axis; IBI.csv has pairs
(seconds from start, seconds) and no rate; tags.csv has one UTC time a line and may be empty; HR starts about 10 s late.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from mien.analysis.media.notices import note
from mien.analysis.media.numbers import MOST_VALUES, Array, TooLarge, blocks, checked_rate, lines, moment, number
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
"""Seconds by which presses are off in some exports (a twelve-hour clock)."""
SAME_SESSION = 86_400.0
"""Seconds within which the channels of one session begin."""
MOST_MARKS = 10_000
LATEST = 1e11
"""Seconds since 1970 beyond which a start is taken for a mistake."""


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


@dataclass(frozen=True, slots=True)
class _Export:
    """An export being read: its files by kind with their declared sizes, how to open one, where notices go."""

    named: str
    files: dict[str, tuple[str, int]]
    open: Callable[[str], IO[bytes]]
    notices: list[Notice]

    def rows(self, stream: IO[bytes], kind: str) -> Iterator[str]:
        name, size = self.files[kind]
        return lines(stream, self.named, name, size + 1)

    def note(self, code: str, text: str) -> None:
        note(self.notices, code, text)


def read_folder(path: Path, named: str, notices: list[Notice]) -> Wearable:
    """An unpacked export."""
    found = {kind: path / name for name in sorted(os.listdir(path)) if (kind := channel_of(name))}
    if not set(found) & set(CHANNELS):
        raise InputError(named, "", _nothing("folder"))
    sizes = {kind: (file.name, file.stat().st_size) for kind, file in found.items()}
    for name, size in sizes.values():
        if size > LARGEST_MEMBER:
            raise InputError(named, name, f"is larger than {LARGEST_MEMBER >> 20} MiB, the most read of a channel")
    return _read(_Export(named, sizes, lambda name: (path / name).open("rb"), notices))


def read_zip(path: Path, named: str, notices: list[Notice]) -> Wearable:
    """An export as it is downloaded. Nothing is unpacked to disk; sizes are checked before and while reading."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(_Export(named, _members(archive, named), archive.open, notices))
    except _DAMAGED as error:
        raise InputError(named, "", f"is no readable zip ({error})") from None


_DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def _members(archive: zipfile.ZipFile, named: str) -> dict[str, tuple[str, int]]:
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise InputError(named, "", f"holds {len(entries)} entries, more than the {MOST_MEMBERS} of any export")
    found: dict[str, tuple[str, int]] = {}
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name[:3]:
            raise InputError(named, repr(entry.filename)[:80], "the entry points outside the zip; this is no export")
        kind = channel_of(name)
        if kind is None:
            continue
        if kind in found:
            raise InputError(named, name, f"a second {kind} file: give one session at a time (unpack, name the folder)")
        if entry.flag_bits & 1:
            raise InputError(named, name, "is encrypted; unpack it first")
        packed = max(entry.compress_size, 1)
        swollen = entry.file_size > 4 << 20 and entry.file_size / packed > LARGEST_RATIO
        if entry.file_size > LARGEST_MEMBER or swollen:
            why = f"would unpack from {packed} to {entry.file_size} bytes; this looks like a zip bomb"
            raise InputError(named, name, f"{why} (allowed: {LARGEST_MEMBER >> 20} MiB, {LARGEST_RATIO} times)")
        found[kind] = (entry.filename, entry.file_size)
    if not set(found) & set(CHANNELS):
        raise InputError(named, "", _nothing("zip"))
    return found


def _nothing(what: str) -> str:
    return f"no wearable channel in this {what}; looked for {', '.join(f'{name}.csv' for name in CHANNELS)}"


def _read(export: _Export) -> Wearable:
    raw: list[Signal] = []
    for kind, columns in CHANNELS.items():
        if kind not in export.files:
            export.note("missing-channel", f"{kind}.csv is missing; {columns[0][0].split('_')[0]} is left out")
            continue
        try:
            with export.open(export.files[kind][0]) as stream:
                rows = export.rows(stream, kind)
                raw += _beats(rows, export) if kind == "IBI" else _even(rows, kind, export)
        except TooLarge:
            raise
        except InputError as error:
            export.note("bad-channel", f"{error.where}: {error.why}; the channel is left out")
        except _DAMAGED as error:
            export.note("bad-channel", f"{kind}.csv is damaged ({error}); the channel is left out")
    if not raw:
        why = next((n.text for n in export.notices if n.code == "bad-channel"), "every channel is empty")
        raise InputError(export.named, "", f"no channel can be read ({why})")
    return _on_one_clock(raw, export)


def _even(rows: Iterator[str], kind: str, export: _Export) -> list[Signal]:
    columns, name = CHANNELS[kind], export.files[kind][0]
    first, second = next(rows, ""), next(rows, "")
    if not first.strip():
        export.note("empty-channel", f"{name} is empty")
        return []
    start, rate = moment(first.split(",")[0]), number(second.split(",")[0])
    if not 0 <= start <= LATEST:
        raise InputError(export.named, f"{name}, line 1", f"should be the start in UTC seconds, is {first[:40]!r}")
    if not np.isfinite(rate):
        raise InputError(export.named, f"{name}, line 2", f"should be the rate in Hz, is {second[:40]!r}")
    checked_rate(rate, export.named, f"{name}, line 2")
    table = _table(rows, len(columns), name, export)
    if not len(table):
        export.note("empty-channel", f"{name} holds no value")
        return []
    return [Signal(channel, unit, start, rate, table[:, i].copy()) for i, (channel, unit) in enumerate(columns)]


def _beats(rows: Iterator[str], export: _Export) -> list[Signal]:
    name, first = export.files["IBI"][0], next(rows, "")
    if not first.strip():
        export.note("empty-channel", f"{name} is empty")
        return []
    start = moment(first.split(",")[0])
    if not 0 <= start <= LATEST:
        why = f'should be "start, IBI" with the start in UTC seconds, is {first[:40]!r}'
        raise InputError(export.named, f"{name}, line 1", why)
    table = _table(rows, 2, name, export)
    table = table[np.isfinite(table).all(axis=1) & (table[:, 0] >= 0) & (table[:, 1] > 0)]
    if (np.diff(table[:, 0]) < 0).any():
        export.note("time-order", f"{name}: beats out of order were put in order")
        table = table[np.argsort(table[:, 0], kind="stable")]
    if not len(table):
        export.note("empty-channel", f"{name} holds no beat")
        return []
    return [Signal("ibi", "s", start, None, table[:, 1].copy(), times=start + table[:, 0])]


def _table(rows: Iterator[str], columns: int, name: str, export: _Export) -> Array:
    pieces, bad, count = [np.empty((0, columns))], 0, 0
    for piece, wrong in blocks(rows, columns, ","):
        bad, count = bad + wrong, count + piece.size
        if count > MOST_VALUES:
            raise TooLarge(export.named, name, f"holds more than {MOST_VALUES} numbers; cut the recording into parts")
        pieces.append(piece)
    if bad:
        export.note("not-a-number", f"{name}: {bad} cells are no numbers and count as gaps")
    return np.concatenate(pieces)


def _on_one_clock(raw: list[Signal], export: _Export) -> Wearable:
    middle = float(np.median([s.start for s in raw]))
    near = [s for s in raw if abs(s.start - middle) <= SAME_SESSION]
    for lost in (s for s in raw if abs(s.start - middle) > SAME_SESSION):
        hours = abs(lost.start - middle) / 3600
        export.note("clock", f"{lost.name} starts {hours:.0f} h from the others and is left out")
    if not near:
        raise InputError(export.named, "", "its channels start on different days; these are not files of one session")
    origin = min(s.start for s in near)
    signals = tuple(_moved(s, origin) for s in near)
    length = max(
        float(s.times[-1]) if s.times is not None else s.start + len(s.values) / (s.rate or 1) for s in signals
    )
    return Wearable(signals, origin, _marks(export, origin, length), "Empatica E4")


def _moved(signal: Signal, origin: float) -> Signal:
    times = None if signal.times is None else signal.times - origin
    return Signal(signal.name, signal.unit, signal.start - origin, signal.rate, signal.values, times)


def _marks(export: _Export, origin: float, length: float) -> tuple[float, ...]:
    if "tags" not in export.files:
        return ()
    name = export.files["tags"][0]
    try:
        with export.open(name) as stream:
            rows = (row for row in export.rows(stream, "tags") if row.strip())
            told = [moment(row.split(",")[0]) - origin for row in islice(rows, MOST_MARKS)]
    except (InputError, *_DAMAGED) as error:
        export.note("bad-channel", f"{name} cannot be read ({error}); button presses are left out")
        return ()
    shifts = [next((s for s in (0.0, HALF_DAY, -HALF_DAY) if -1 <= mark + s <= length + 1), None) for mark in told]
    if any(shifts):
        text = f"{name}: {sum(map(bool, shifts))} button presses were 12 hours off and were moved into the recording"
        export.note("clock", text)
    if None in shifts:
        text = (
            f"{name}: {shifts.count(None)} button presses lie outside the recording (another clock?) and are left out"
        )
        export.note("clock", text)
    return tuple(sorted(mark + shift for mark, shift in zip(told, shifts, strict=True) if shift is not None))
