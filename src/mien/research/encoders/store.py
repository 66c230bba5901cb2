"""Features computed once for an encoder, its version and settings, and the content of a file; many processes read.

A store is a folder; each encoder has a folder in it, named by a hash of name, version and settings, with `encoder.json`
and shards. A shard is two files: `NAME.npy`, all rows of all its items one under another as float32 (rows, width), and
`NAME.index`, one line an item (key, first row, rows). Readers map the first into memory and share its pages; a writer
adds shards of its own, values first and index last, each by an atomic rename, so readers need no lock and a killed
writer leaves nothing half. Chosen by benchmarks/store.py: several times as quick to read as one
file an item or Parquet; safetensors reads quicker but copies for every reader, where pages are shared here; and it
needs NumPy alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError
from mien.files import digest, read_bounded, write_atomic
from mien.research.encoders import Encoder
from mien.research.samples import Clip

SHARD = 64 << 20
"""Bytes of values after which a shard is written."""
OFTEN = 60.0
"""Seconds of computing after which one is written all the same: no more is lost to a kill."""
_INDEX_LIMIT = 256 << 20

Rows = NDArray[np.float32]


class Store:
    """The features of one encoder in a folder: `get`, `put`, `flush`; a with-block flushes at its end."""

    def __init__(self, folder: Path | str, encoder: Encoder, *, shard: int = SHARD) -> None:
        told = {"name": encoder.name, "version": encoder.version, "settings": dict(encoder.settings)}
        text = json.dumps(told, sort_keys=True)
        self.folder = Path(folder) / f"{encoder.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        self.width, self._shard = encoder.width, shard
        self._maps: dict[str, Rows] = {}
        self._where: dict[str, tuple[str, int, int]] = {}
        self._new: dict[str, Rows] = {}
        self._bytes = 0
        self._seen: set[str] = set()
        self._written = time.monotonic()
        if not (self.folder / "encoder.json").exists():
            write_atomic(self.folder / "encoder.json", text, "choose another folder for the store")
        self.refresh()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def __len__(self) -> int:
        return len(self._where) + len(self._new)

    def __contains__(self, key: str) -> bool:
        return key in self._new or key in self._where

    def refresh(self) -> None:
        """Take in the shards that others wrote since."""
        for path in sorted(self.folder.glob("*.index")):
            if path.stem not in self._seen:
                for key, first, count in _lines(path):
                    self._where.setdefault(key, (path.stem, first, count))
                self._seen.add(path.stem)

    def get(self, key: str) -> Rows | None:
        """(time, width) float32 of that key, mapped from disk and not to be written to; None where it is not there."""
        if key in self._new:
            return self._new[key]
        if key not in self._where:
            return None
        name, first, count = self._where[key]
        values = self._maps.get(name)
        if values is None:
            values = self._maps[name] = self._open(name)
        if first + count > len(values):
            raise InputError(self.folder / f"{name}.npy", "", f"has {len(values)} rows, fewer than its index says")
        return values[first : first + count]

    def put(self, key: str, values: Rows) -> None:
        """Keep (time, width) under that key; it is on disk after a flush, once a shard is full, or after a minute."""
        rows = np.ascontiguousarray(values, np.float32).reshape(-1, self.width)
        self._new[key] = rows
        self._bytes += rows.nbytes
        if self._bytes >= self._shard or time.monotonic() - self._written > OFTEN:
            self.flush()

    def flush(self) -> None:
        """Write what is new as one shard. Raises InputError where the disk is full; what was there stays."""
        if not self._new:
            return
        name = f"{len(self._seen):05d}-{os.getpid():x}-{secrets.token_hex(4)}"
        lines, first = [], 0
        for key, rows in self._new.items():
            lines.append(f"{key} {first} {len(rows)}")
            first += len(rows)
        header, advice = io.BytesIO(), "make room; what was stored before is kept"
        told = {"descr": "<f4", "fortran_order": False, "shape": (first, self.width)}
        np.lib.format.write_array_header_1_0(header, told)
        rows_ = (values.astype("<f4", copy=False).tobytes() for values in self._new.values())
        write_atomic(self.folder / f"{name}.npy", b"".join([header.getvalue(), *rows_]), advice)
        write_atomic(self.folder / f"{name}.index", "\n".join(lines) + "\n", advice)
        self._new, self._bytes, self._written = {}, 0, time.monotonic()
        self.refresh()

    def _open(self, name: str) -> Rows:
        path = self.folder / f"{name}.npy"
        try:
            values: Rows = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InputError(path, "", f"is damaged ({str(error)[:80]}); delete it and {name}.index") from None
        if values.ndim != 2 or values.shape[1] != self.width or values.dtype != np.float32:
            raise InputError(
                path, "", f"has {values.dtype} {values.shape}, not float32 (rows, {self.width}); delete it"
            )
        return values


def key_of(material: Clip | str) -> str:
    """What features depend on besides the encoder: the content of a file (or of a picture in a table), the part of it
    that is meant, or the words."""
    if isinstance(material, str):
        return hashlib.sha256(b"words\0" + material.encode("utf-8", "surrogatepass")).hexdigest()
    if material.content is not None:
        return hashlib.sha256(material.content).hexdigest()
    try:
        content = digest(material.path)
    except OSError as error:
        raise InputError(material.path, "", f"cannot be read ({error.strerror or error})") from None
    part = (material.start or 0.0, -1.0 if material.end is None else material.end)
    return content if part == (0.0, -1.0) else f"{content}@{part[0]!r}-{part[1]!r}"  # to the last digit


def _lines(path: Path) -> Iterator[tuple[str, int, int]]:
    text = read_bounded(path, _INDEX_LIMIT).decode("ascii", "replace")
    if not text.endswith("\n"):  # its last number may lack digits
        raise InputError(path, "", "is cut short; delete it and the .npy of its name")
    for number, line in enumerate(text.splitlines(), 1):
        key, _, rest = line.partition(" ")
        first, _, count = rest.partition(" ")
        if not key or not first.isdigit() or not count.isdigit():
            raise InputError(path, f"line {number}", "is damaged; delete it and the .npy of its name")
        yield key, int(first), int(count)
