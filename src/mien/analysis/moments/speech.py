"""Where somebody speaks: one pass over the sound of a recording, in constant memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import AudioBlock
from mien.analysis.moments.activity import RATE, STEP, Detector, detector
from mien.analysis.moments.level import Envelope, Levels

ENTER, LEAVE = 0.5, 0.35
"""Speech begins at a probability of ENTER and goes on while it stays above LEAVE."""
PAUSE = 0.25
"""Seconds of no speech that end a stretch."""
SHORTEST = 0.2
"""Seconds: shorter bursts are not speech."""
PAD = 0.06
"""Seconds added at both ends: soft onsets and endings lie under the threshold."""
LONGEST = 30.0
"""Seconds: a longer stretch is handed on in parts, so that memory stays bounded."""

GAP = 0.05
"""Seconds: a larger step between blocks is a gap in the sound; smaller ones are rounding."""

_SECONDS = STEP / RATE
_LEAD = round(PAD / _SECONDS)


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Speech without a pause: [start, end) seconds, its samples (16 kHz), whether it goes on from the one before."""

    start: float
    end: float
    samples: NDArray[np.float32]
    continued: bool = False


class Ear:
    """Listens once: `listen` yields the stretches of speech; levels and envelope are there when it is exhausted."""

    def __init__(self, voice_activity: Detector | None = None) -> None:
        self.detector = voice_activity or detector()
        self.levels = Levels()
        self.envelope = Envelope()
        self.seconds = 0.0
        """Seconds of sound heard."""

    def listen(self, blocks: Iterable[AudioBlock]) -> Iterator[Stretch]:
        """Stretches of speech in time order, from mono 16 kHz blocks. A gap in the sound ends a stretch."""
        cutter = _Cutter(0.0)
        for start, samples, final in _runs(blocks, self.envelope):
            if start is not None:
                self.detector.reset()
                cutter = _Cutter(start)
            self.seconds += len(samples) / RATE
            for at in range(0, len(samples), STEP):
                window = samples[at : at + STEP]
                probability = self.detector.probability(_filled(window))
                self.levels.add(window, probability)
                yield from cutter.add(window, probability)
            if final:
                yield from cutter.close()


def _filled(window: NDArray[np.float32]) -> NDArray[np.float32]:
    return window if len(window) == STEP else np.pad(window, (0, STEP - len(window)))


def _runs(blocks: Iterable[AudioBlock], envelope: Envelope) -> Iterator[tuple[float | None, NDArray[np.float32], bool]]:
    """(start, samples, final): start where a run of sound without gaps begins, else None; samples in multiples of
    `STEP`, except for the final piece of a run."""
    rest: NDArray[np.float32] = np.zeros(0, np.float32)
    expected, fresh = float("nan"), None
    for block in blocks:
        samples = np.nan_to_num(block.samples, nan=0.0, posinf=1.0, neginf=-1.0).astype(np.float32, copy=False)
        if not abs(block.start - expected) <= GAP:
            if expected == expected:
                yield fresh, rest, True
            rest, fresh, expected = rest[:0], block.start, block.start
        envelope.add(round(block.start * RATE), samples)
        expected += len(samples) / RATE
        rest = np.concatenate((rest, samples))
        if whole := len(rest) // STEP * STEP:
            yield fresh, rest[:whole], False
            rest, fresh = rest[whole:], None
    if expected == expected:
        yield fresh, rest, True


class _Cutter:
    """Cuts one run of sound into stretches: hysteresis, shortest burst, longest pause, padding."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._heard = 0  # samples so far
        self._lead: deque[NDArray[np.float32]] = deque(maxlen=_LEAD)
        self._kept: list[NDArray[np.float32]] = []
        self._begin = 0  # sample of the stretch's beginning, lead included
        self._quiet = 0  # windows since the last speech
        self._voiced = 0  # windows of speech in the stretch
        self._continued = False

    def add(self, window: NDArray[np.float32], probability: float) -> Iterator[Stretch]:
        """Take the next window; yields the stretch that it ends, if any."""
        if not self._kept:
            if probability >= ENTER:
                self._begin = self._heard - sum(len(lead) for lead in self._lead)
                self._kept = [*self._lead, window]
                self._voiced, self._quiet, self._continued = 1, 0, False
            else:
                self._lead.append(window)
        else:
            self._kept.append(window)
            speaks = probability >= LEAVE
            self._voiced += speaks
            self._quiet = 0 if speaks else self._quiet + 1
        self._heard += len(window)
        if self._kept and self._quiet * _SECONDS >= PAUSE:
            yield from self.close()
        elif self._kept and len(self._kept) * _SECONDS >= LONGEST:
            yield self._stretch(self._kept)
            self._begin, self._continued = self._heard, True
            self._kept = [window[:0]]

    def close(self) -> Iterator[Stretch]:
        """End the stretch that is open, if any."""
        if self._kept:
            surplus = max(self._quiet - _LEAD, 0)
            spoken = self._kept[: len(self._kept) - surplus] if surplus else self._kept
            if self._voiced * _SECONDS >= SHORTEST and any(len(part) for part in spoken):
                yield self._stretch(spoken)
            self._lead.extend(self._kept[len(self._kept) - surplus :] if surplus else [])
        self._kept, self._quiet = [], 0

    def _stretch(self, windows: list[NDArray[np.float32]]) -> Stretch:
        samples = np.concatenate(windows)
        start = self._start + self._begin / RATE
        return Stretch(start, start + len(samples) / RATE, samples, self._continued)
