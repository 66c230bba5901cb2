"""Probability of stress from body signals: which small model applies, what it says, how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Signal
from mien.analysis.senses.body import RATE, Body, body
from mien.analysis.senses.body_features import CHANNELS, WINDOW, own_course, present, readings, whole
from mien.analysis.senses.model import card, network

Array = NDArray[np.float64]

OWN_AFTER = 20 * 60.0
"""Seconds of worn signal from which a recording's own course is the better measure (benchmarks: stress-training)."""
LEAST_AUC = 0.54
"""A set of channels gives no answer whose models may do no better than this on left-out persons (temperature alone)."""
NEEDED = 0.5 * WINDOW
"""Seconds of worn signal in the minute around a moment, without which there is no reading."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Stress over time.

    times (k,) seconds, the middles of the minutes; stress (k,) probability in [0, 1], NaN where it cannot be told;
    quality (k,) in [0, 1], 0 where it cannot be told; channels (k,) the channels used, "" where none; own: whether the
    minutes were read against the recording's own course.
    """

    times: Array
    stress: Array
    quality: Array
    channels: tuple[str, ...]
    own: bool


def read_signals(signals: Iterable[Signal], middles: Array | None = None) -> Course | None:
    """Stress over time from a wearable's channels; None where they hold nothing that is known.

    middles: seconds around which to read (default: every 30 s of the recording).
    """
    found = body(signals)
    if found is None:
        return None
    reader = StressReader(found)
    return reader.at(whole(found) if middles is None else np.asarray(middles, float))


class StressReader:
    """Reads stress anywhere in one recording; the recording's own course is measured once."""

    def __init__(self, found: Body) -> None:
        self.body = found
        self.own = bool(found.worn.sum() / RATE >= OWN_AFTER)
        self._course = own_course(found) if self.own else None
        rows = card("stress")["scores"]["per_channel_set"]
        half = len(rows) // 2
        rows = rows[half:] if self.own else rows[:half]
        self._auc = np.array([row["auc"] if row["auc_interval"][0] > LEAST_AUC else 0.0 for row in rows])

    def at(self, middles: Array) -> Course:
        """Stress in the minute around each of the `middles` (k,) seconds."""
        parts = np.array_split(middles, max(len(middles) // 512, 1))
        table = np.concatenate([readings(self.body, part) for part in parts])
        have = present(table)
        if self._course is not None:
            table = (table - self._course[0]) / self._course[1]
        mask = (have << np.arange(len(CHANNELS))).sum(axis=1)
        auc = np.where(mask > 0, self._auc[mask - 1], 0.0)
        told = auc > 0
        stress = np.full(len(middles), np.nan)
        if told.any():
            member = (mask[told] - 1 + 15 * self.own).astype(np.int64)
            # the chosen model has a weight of exactly zero for every absent channel: what stands there is never read
            numbers = np.nan_to_num(table[told]).astype(np.float32)
            stress[told] = network("stress").run(features=numbers, member=member)["stress"][:, 0]
        quality = np.where(told, np.clip((auc - 0.5) / 0.4, 0.0, 1.0) * self._worn(middles), 0.0)
        names = tuple(" ".join(np.array(CHANNELS)[row]) if ok else "" for row, ok in zip(have, told, strict=True))
        return Course(middles, stress, quality, names, self.own)

    def why_not(self, middle: float) -> str:
        """Why nothing can be told around that second."""
        first = round((middle - WINDOW / 2 - self.body.start) * RATE)
        piece = slice(max(first, 0), max(first + int(WINDOW * RATE), 0))
        recorded, worn = self.body.recorded[piece], self.body.worn[piece]
        seconds = recorded.sum() / RATE
        if not seconds:
            return "no signal was recorded here"
        if worn.sum() < recorded.sum() / 2:
            return f"not worn (the band touched the skin for {worn.sum() / RATE:.0f} of {seconds:.0f} s)"
        if worn.sum() / RATE < NEEDED:
            return f"only {worn.sum() / RATE:.0f} s of signal, {NEEDED:.0f} s needed"
        return "the channels here do not tell stress (skin conductance, heart rate or movement on three axes do)"

    def _worn(self, middles: Array) -> Array:
        total = np.concatenate(([0], np.cumsum(self.body.worn)))
        first = np.round((middles - WINDOW / 2 - self.body.start) * RATE).astype(int)
        low, high = (np.clip(at, 0, len(total) - 1) for at in (first, first + int(WINDOW * RATE)))
        return np.asarray((total[high] - total[low]) / (WINDOW * RATE))
