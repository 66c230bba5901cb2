"""Features that are nearly those of another part: the same recording at another level, cut, or coded again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.research.samples import Array, Sample

CLOSE = 0.999
"""Correlation of two standardised vectors (or means of short sequences) from which they count as nearly equal."""
NARROW = 16
"""Vectors of fewer columns are compared for equality alone: short vectors are alike by chance."""
SHIFTED = 0.93
"""Correlation of two sequences, one moved along the other, from which they count as nearly equal. EMO-DB, `mel`: a clip
and itself made quieter, cut by 0.15 s, padded, or coded as MP3 or Opus reach .94 and more, two clips .77."""
LONG = 64
"""Steps from which a sequence is moved along another: shorter ones are alike by chance."""
LIVELY = 4
"""How often a sequence is as long as the stretch over which it looks like itself; a slow drift looks like any other."""
_WORK = 4e11  # multiplications that a comparison of all pairs may cost: about 20 s on one core
_LOOKED, _COLUMNS = 3, 8  # samples of nearest means that are moved along, and how many columns of them

Rows = NDArray[np.float32]


def close(held: Sequence[tuple[str, Sample, Array]], equal: set[str]) -> tuple[list[str], str]:
    """Ids outside training whose features nearly equal those of another part, and what was not looked at.

    held: (part, sample, (time, width)); equal: ids already found.
    """
    if len(held) < 3:
        return [], ""
    vectors = np.stack([rows.mean(axis=0) for _, _, rows in held]).astype(np.float32)
    parts, width = np.array([part for part, _, _ in held]), vectors.shape[1]
    rest = np.flatnonzero(parts != "train")
    if not len(rest) or len(set(parts.tolist())) < 2 or not np.isfinite(vectors).all():
        return [], ""
    if float(len(held)) * len(rest) * width > _WORK:
        return [], " (too many pairs to compare; equal ones alone)"
    vectors = (vectors - vectors.mean(axis=0)) / np.maximum(vectors.std(axis=0), 1e-6)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    lively = _lively([rows for _, _, rows in held])
    found = []
    for start in range(0, len(rest), 1024):
        own = rest[start : start + 1024]
        alike = vectors[own] @ vectors.T
        alike[parts[own][:, None] == parts[None]] = -1.0
        nearest = np.argpartition(-alike, min(_LOOKED, len(held) - 1), axis=1)[:, :_LOOKED]
        for at, (row, near) in enumerate(zip(own.tolist(), nearest.tolist(), strict=True)):
            for one in near:
                moved = _moved(held[row][2], held[one][2], lively) if parts[one] != parts[row] else False
                if moved or (moved is None and width >= NARROW and alike[at, one] >= CLOSE):
                    found.append(held[row][1].id)
                    break
    return [name for name in found if name not in equal], ""


def _lively(sequences: Sequence[Array]) -> NDArray[np.intp]:
    """The columns that change most over time."""
    steps = [rows for rows in sequences if len(rows) >= LONG]
    if not steps:
        return np.zeros(0, np.intp)
    return np.argsort(-np.mean([rows.std(axis=0) for rows in steps], axis=0))[:_COLUMNS]


def _moved(first: Array, second: Array, columns: NDArray[np.intp]) -> bool | None:
    """Whether one sequence is the other at some place along it, freed of level and spread; None where they are too
    short or too slow to tell."""
    if min(len(first), len(second)) < LONG or not len(columns):
        return None
    one, other = _even(first[:, columns]), _even(second[:, columns])
    size = 1 << (len(one) + len(other) - 1).bit_length()
    waves, others = np.fft.rfft(one, size, axis=0), np.fft.rfft(other, size, axis=0)
    alone = np.fft.irfft((waves * waves.conj()).real.sum(axis=1), size)
    if len(one) < LIVELY * (alone > alone[0] / 2).sum():
        return None
    best = np.fft.irfft((waves * others.conj()).sum(axis=1), size).max()
    return bool(best >= SHIFTED * np.linalg.norm(one) * np.linalg.norm(other))


def _even(rows: Array) -> Rows:
    middle = rows - rows.mean(axis=0)
    return np.asarray(middle / np.maximum(middle.std(axis=0), 1e-6), np.float32)
