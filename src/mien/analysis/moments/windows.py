"""Pieces of speech that are one voice each, with how they sound: the material of `turns.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.sound import log_mel
from mien.analysis.moments.speech import Stretch
from mien.analysis.moments.voice import LEAST, embed

WINDOW, STEP = 150, 50
"""Frames of 10 ms that one embedding hears, and the step between two."""
WHOLE = 220
"""Frames: a stretch up to this long is one window and one piece."""
CHANGE = 0.35
"""Two neighbouring windows less alike than this (cosine, at a local minimum) are cut apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Speech of one voice: [start, end) seconds; vector (96,) mean of the unit vectors of its windows, or None where
    it is too short to tell."""

    start: float
    end: float
    vector: NDArray[np.float32] | None

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


def pieces_of(stretch: Stretch, *, listen: bool = True) -> Iterator[Piece]:
    """Cut a stretch of speech where the voice changes; every second of it belongs to exactly one piece.

    listen: False leaves voices untold; the stretch is one piece without a vector.
    """
    if not listen:
        yield Piece(stretch.start, stretch.end, None)
        return
    mel = log_mel(stretch.samples)
    if len(mel) < LEAST:
        yield Piece(stretch.start, stretch.end, None)
    elif len(mel) <= WHOLE:
        yield Piece(stretch.start, stretch.end, embed([mel])[0])
    else:
        starts = np.append(np.arange(0, len(mel) - WINDOW, STEP), len(mel) - WINDOW)
        vectors = embed([mel[start : start + WINDOW] for start in starts])
        edges = np.array([0, *changes(starts, vectors), len(mel)])
        for left, right in pairwise(edges):
            inside = (starts >= left) & (starts + WINDOW <= right)
            start = stretch.start + left / 100 if left else stretch.start
            end = stretch.start + right / 100 if right < len(mel) else stretch.end
            yield Piece(start, end, vectors[inside].mean(axis=0))


def changes(starts: NDArray[np.int64], vectors: NDArray[np.float32]) -> list[int]:
    """Frames at which the voice changes: where a window and the one that begins at its end are least alike."""
    apart = WINDOW // STEP
    alike = np.einsum("ij,ij->i", vectors[:-apart], vectors[apart:])
    found: list[int] = []
    for place in np.argsort(alike):
        at = int(starts[place] + WINDOW)
        if alike[place] >= CHANGE:
            break
        if at <= starts[-1] and all(abs(at - other) >= WINDOW for other in found):
            found.append(at)
    return sorted(found)
