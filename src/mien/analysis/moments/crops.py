"""Face crops on disk: a long film needs no more memory than a short one."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.analysis.moments.boxes import around
from mien.analysis.moments.moments import FaceCrops
from mien.errors import InputError

SIDE = 64
"""Width and height of a crop; the face's box is the middle 40 x 40."""
_WIDER = 1.6
_BYTES = SIDE * SIDE


def cut_out(grey: NDArray[np.uint8], box: ArrayLike) -> NDArray[np.uint8]:
    """The 64 x 64 crop about a box: 1.6 times as wide, the picture's border continued where it ends."""
    from PIL import Image

    height, width = grey.shape
    x1, y1, x2, y2 = (float(edge) for edge in around(box, _WIDER))
    if x1 < 0 or y1 < 0 or x2 > width or y2 > height:
        margin = int(np.ceil(max(-x1, -y1, x2 - width, y2 - height)))
        left, top = int(np.clip(x1, 0, width - 1)), int(np.clip(y1, 0, height - 1))
        right, bottom = int(np.clip(np.ceil(x2), left + 1, width)), int(np.clip(np.ceil(y2), top + 1, height))
        grey = np.pad(grey[top:bottom, left:right], margin, mode="edge")
        x1, x2, y1, y2 = x1 - left + margin, x2 - left + margin, y1 - top + margin, y2 - top + margin
    picture = Image.fromarray(grey)
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=(x1, y1, x2, y2), reducing_gap=2.0))


@dataclass(slots=True)
class _Rows:
    """Compact columns of one track, one row an observation."""

    times: array[float] = field(default_factory=lambda: array("d"))
    places: array[int] = field(default_factory=lambda: array("q"))
    quality: array[float] = field(default_factory=lambda: array("f"))
    size: array[float] = field(default_factory=lambda: array("f"))
    sharpness: array[float] = field(default_factory=lambda: array("f"))
    pose: array[int] = field(default_factory=lambda: array("b"))


class CropSpool:
    """A FaceStore in a temporary file that vanishes when closed and when the process ends.

    About 4 KB of disk and 30 bytes of memory an observation; the folder is the system's (TMPDIR).
    """

    def __init__(self) -> None:
        with _disk():
            self._file = tempfile.TemporaryFile(prefix="mien-faces-", buffering=1 << 18)  # noqa: SIM115
        self._rows: dict[str, _Rows] = {}
        self._count = 0

    def add(
        self,
        track: str,
        time: float,
        image: NDArray[np.uint8],
        *,
        quality: float,
        size: float,
        sharpness: float,
        pose: int,
    ) -> None:
        """Keep one crop (64, 64) of a track; InputError when the disk is full."""
        rows = self._rows.setdefault(track, _Rows())
        with _disk():
            self._file.write(np.ascontiguousarray(image, np.uint8).tobytes())
        rows.times.append(time)
        rows.places.append(self._count)
        rows.quality.append(quality)
        rows.size.append(size)
        rows.sharpness.append(sharpness)
        rows.pose.append(pose)
        self._count += 1

    def rename(self, names: dict[str, str]) -> None:
        """Give tracks their final names; tracks not named are forgotten."""
        self._rows = {names[old]: rows for old, rows in self._rows.items() if old in names}

    def forget(self, track: str) -> None:
        """Keep nothing of a track (its place on disk is not used again)."""
        self._rows.pop(track, None)

    def crops(self, tracks: tuple[str, ...], start: float, end: float) -> FaceCrops:
        """All crops of these tracks with start <= time < end (or time == start), in time order."""
        chosen = [_select(self._rows[track], start, end) for track in tracks if track in self._rows]
        columns = [np.concatenate([part[i] for part in chosen]) if chosen else np.zeros(0) for i in range(6)]
        order = np.argsort(columns[0], kind="stable")
        times, places, quality, size, sharpness, pose = (column[order] for column in columns)
        return FaceCrops(
            times.astype(np.float64),
            self._read(places.astype(np.int64)),
            quality.astype(np.float32),
            size.astype(np.float32),
            sharpness.astype(np.float32),
            pose.astype(np.int8),
        )

    def close(self) -> None:
        """Remove the file."""
        with suppress(OSError):
            self._file.close()

    def _read(self, places: NDArray[np.int64]) -> NDArray[np.uint8]:
        images = np.empty((len(places), SIDE, SIDE), np.uint8)
        with _disk():
            for row, place in enumerate(places):
                self._file.seek(int(place) * _BYTES)
                images[row] = np.frombuffer(self._file.read(_BYTES), np.uint8).reshape(SIDE, SIDE)
        return images


@contextmanager
def _disk() -> Iterator[None]:
    """One clear error where the temporary file cannot be made, written or read."""
    try:
        yield
    except OSError as error:
        why = f"face crops cannot be kept there ({error.strerror}); free space, set TMPDIR, or leave faces out"
        raise InputError(tempfile.gettempdir(), "", why) from None


def _select(rows: _Rows, start: float, end: float) -> list[NDArray[np.generic]]:
    times = np.array(rows.times)
    first, last = np.searchsorted(times, [start, end], side="left")
    last = max(int(last), int(np.searchsorted(times, start, side="right")))
    part = slice(int(first), last)
    return [
        np.array(column[part])
        for column in (rows.times, rows.places, rows.quality, rows.size, rows.sharpness, rows.pose)
    ]
