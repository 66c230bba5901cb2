"""How much of the time: shares per emotion with their interval, and how much evidence there was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.fusion.affect import Affect

BINS = 400
"""Spans are pooled into at most this many pieces before resampling; a two-hour file costs what a clip costs."""
DRAWS = 400
FEWEST = 8
"""With fewer pieces an interval would be a guess, so there is none."""


@dataclass(frozen=True, slots=True)
class Share:
    """Share of the answered time in [0, 1] that went to a label; low, high: 95 % interval or None."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


def shares(affects: Sequence[Affect]) -> tuple[Share, ...]:
    """Mean of the fused distributions weighted by time, largest first; () where nothing was answered.

    A multilabel space is scaled to sum 1 in each span. The interval comes from resampling neighbouring pieces
    together (moving block bootstrap, block n^(1/3), Kuensch 1989), as emotions last longer than one span; fixed seed.
    """
    answered = [affect for affect in affects if affect.distribution is not None]
    if not answered:
        return ()
    first = answered[0].distribution
    assert first is not None
    table = np.stack([affect.distribution.values for affect in answered if affect.distribution is not None])
    table = table / np.maximum(table.sum(axis=1, keepdims=True), 1e-9)
    seconds = np.array([affect.span.duration for affect in answered])
    if seconds.sum() <= 0:
        seconds = np.ones(len(answered))
    mean = seconds @ table / seconds.sum()
    low, high = _interval(table, seconds)
    found = [
        Share(label, float(mean[i]), None if low is None else float(low[i]), None if high is None else float(high[i]))
        for i, label in enumerate(first.space.labels)
    ]
    return tuple(sorted(found, key=lambda share: -share.value))


Bounds = NDArray[np.float64] | None


def _interval(table: NDArray[np.float64], seconds: NDArray[np.float64]) -> tuple[Bounds, Bounds]:
    if len(table) < FEWEST:
        return None, None
    pieces = np.minimum(np.arange(len(table)) * BINS // max(len(table), BINS), BINS - 1)
    count = int(pieces[-1]) + 1
    weight = np.bincount(pieces, seconds, count)
    total = np.stack([np.bincount(pieces, seconds * column, count) for column in table.T], axis=1)
    block = max(1, round(count ** (1 / 3)))
    starts = np.random.default_rng(0).integers(0, count - block + 1, size=(DRAWS, -(-count // block)))
    picked = (starts[:, :, None] + np.arange(block)).reshape(DRAWS, -1)[:, :count]
    drawn = total[picked].sum(axis=1) / np.maximum(weight[picked].sum(axis=1), 1e-9)[:, None]
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return low, high


def covered(stretches: Iterable[tuple[float, float]]) -> float:
    """Length of the union of (start, end) stretches."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(stretches):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def evidence_share(affects: Sequence[Affect], modality: str, duration: float | None) -> float:
    """Share in [0, 1] of the recording in which a modality gave a reading; of the spans where there is no time."""
    usable = [affect for affect in affects if _reads(affect, modality)]
    if not duration:
        return len(usable) / len(affects) if affects else 0.0
    return min(1.0, covered((affect.span.start, affect.span.end) for affect in usable) / duration)


def _reads(affect: Affect, modality: str) -> bool:
    return any(item.modality == modality and item.distribution is not None for item in affect.evidence)
