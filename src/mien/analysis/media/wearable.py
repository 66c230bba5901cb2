"""Wearable exports: an Empatica E4 zip or folder, or a table of named columns (CSV, TSV, Parquet)."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from mien.analysis.media.notices import note
from mien.analysis.media.recording import Notice, Recording, Signal, Stream
from mien.analysis.media.sources import ListSource
from mien.errors import InputError

LONGEST = 7 * 86_400.0
"""Seconds: later values are left out (more often a wrong clock than a band worn for a week)."""


@dataclass(frozen=True, slots=True, eq=False)
class Wearable:
    """What an export holds, on one clock whose zero is the first value of any channel.

    origin: UTC seconds of that zero, None where the export tells no date; marks: button presses, seconds; device: name
    of the device or "table".
    """

    signals: tuple[Signal, ...]
    origin: float | None = None
    marks: tuple[float, ...] = ()
    device: str = "table"


def is_wearable(path: str | os.PathLike[str]) -> bool:
    """Whether a file or folder looks like a wearable export (members, magic bytes or header line); reads little."""
    from mien.analysis.media import empatica, signal_table

    where = Path(path)
    try:
        if where.is_dir():
            return any(empatica.channel_of(name) for name in sorted(os.listdir(where))[:1000])
        with where.open("rb") as stream:
            head = stream.read(4096)
        if head.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(where) as archive:
                return any(empatica.channel_of(name) for name in archive.namelist()[:10_000])
        return head.startswith(b"PAR1") or signal_table.looks_like(head)
    except (OSError, zipfile.BadZipFile, UnicodeError, NotImplementedError, ValueError):
        return False


def read_wearable(
    path: str | os.PathLike[str], *, named: str | None = None, rate: float | None = None
) -> tuple[Wearable, list[Notice]]:
    """All channels of an export and the notices met on the way.

    path: an Empatica E4 folder or zip, a CSV or TSV, or a Parquet file; named: how the user called it; rate: Hz of a
    table without times. Raises InputError where nothing can be read, MissingExtra for Parquet without pyarrow.
    """
    from mien.analysis.media import empatica, signal_table

    where, name = Path(path), named or str(path)
    notices: list[Notice] = []
    try:
        if where.is_dir():
            found = empatica.read_folder(where, name, notices)
        else:
            with where.open("rb") as stream:
                head = stream.read(4)
            if head.startswith(b"PK"):
                found = empatica.read_zip(where, name, notices)
            elif head == b"PAR1":
                found = signal_table.read_parquet(where, name, notices, rate)
            else:
                found = signal_table.read_text(where, name, notices, rate)
    except OSError as error:
        raise InputError(name, "", f"cannot be read ({error.strerror or error})") from None
    for signal in found.signals:
        if not np.isfinite(signal.values).any():
            note(notices, "empty-channel", f"{signal.name} holds no value")
    return replace(found, signals=tuple(_a_week(signal, notices) for signal in found.signals)), notices


def _a_week(signal: Signal, notices: list[Notice]) -> Signal:
    if _end(signal) <= LONGEST:
        return signal
    note(notices, "too-long", f"{signal.name}: what lies later than {LONGEST / 86_400:.0f} days is left out", LONGEST)
    if signal.times is not None:
        keep = signal.times < LONGEST
        return replace(signal, values=signal.values[keep], times=signal.times[keep])
    return replace(signal, values=signal.values[: max(int((LONGEST - signal.start) * (signal.rate or 1.0)), 0)])


def open_wearable(path: str | os.PathLike[str], *, named: str | None = None, rate: float | None = None) -> Recording:
    """`read_wearable` as a Recording of kind "wearable": one stream a channel, one for button presses."""
    found, notices = read_wearable(path, named=named, rate=rate)
    streams = tuple(_stream(signal, found) for signal in found.signals)
    if found.marks:
        presses = " ".join(f"{mark:.1f}" for mark in found.marks)
        streams += (Stream("mark", "button", found.marks[0], None, (("count", len(found.marks)), ("times", presses))),)
    duration = max((_end(signal) for signal in found.signals), default=0.0)
    source = ListSource(channels=found.signals)
    return Recording(named or str(path), "wearable", duration, streams, source, notices=notices)


def _stream(signal: Signal, found: Wearable) -> Stream:
    facts: list[tuple[str, str | int | float]] = [("name", signal.name), ("unit", signal.unit)]
    if signal.rate:
        facts.append(("rate", signal.rate))
    facts += [("values", int(np.isfinite(signal.values).sum())), ("device", found.device)]
    if found.origin is not None:
        facts.append(("start_utc", datetime.fromtimestamp(found.origin + signal.start, UTC).isoformat()))
    return Stream("signal", "samples", signal.start, max(_end(signal) - signal.start, 0.0), tuple(facts))


def _end(signal: Signal) -> float:
    if signal.times is not None:
        return float(signal.times[-1]) if len(signal.times) else 0.0
    return signal.start + len(signal.values) / (signal.rate or 1.0)
