"""Levels of a whole recording in one pass and constant memory: speech level, noise, clipping, drawing envelope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PEAKS = 4000
"""Most pieces in an envelope."""
SILENT = -95.0
"""dB full scale: what is quieter is digital silence (16-bit dither lies at about -93)."""
FULL_SCALE = 0.985
"""A sample of this size or more counts as clipped (resampling blunts the edge)."""

_EDGES = np.arange(-120.0, 6.5, 0.5)


class Envelope:
    """Peak per equal piece of a sound of unknown length: pieces double in width whenever there are too many."""

    def __init__(self, width: int = 160) -> None:
        self._peaks = np.zeros(PEAKS, np.float32)
        self._width = width
        self._used = 0

    def add(self, position: int, samples: NDArray[np.float32]) -> None:
        """Samples beginning `position` samples after the zero of the clock; earlier or skipped pieces stay 0."""
        if not len(samples):
            return
        last = max(position, 0) + len(samples) - 1
        while last // self._width >= PEAKS:
            self._halve()
        index = np.maximum(position + np.arange(len(samples)), 0) // self._width
        cuts = np.flatnonzero(np.diff(index, prepend=-1))
        peaks = np.maximum.reduceat(np.abs(samples), cuts)
        place = index[cuts]
        self._peaks[place] = np.maximum(self._peaks[place], np.minimum(peaks, 1.0))
        self._used = max(self._used, int(place[-1]) + 1)

    def peaks(self) -> NDArray[np.float32]:
        """(n,) float32 in [0, 1], n <= `PEAKS`, from the zero of the clock to the end of the sound."""
        return self._peaks[: self._used].copy()

    def _halve(self) -> None:
        pairs = self._peaks.reshape(-1, 2).max(axis=1)
        self._peaks[:] = 0
        self._peaks[: len(pairs)] = pairs
        self._width *= 2
        self._used = -(-self._used // 2)


class Levels:
    """Histograms of the level of short windows, apart for speech, clear non-speech and everything."""

    def __init__(self) -> None:
        self._all = np.zeros(len(_EDGES) + 1, np.int64)
        self._rest = np.zeros(len(_EDGES) + 1, np.int64)
        self._speech_power, self._speech_windows = 0.0, 0
        self._clipped, self._samples = 0, 0
        self.loudest = -180.0

    def add(self, window: NDArray[np.float32], probability: float) -> None:
        """One window of samples and the probability that it holds speech."""
        power = float(np.mean(np.square(window, dtype=np.float64)))
        level = 10.0 * np.log10(max(power, 1e-18))
        self.loudest = max(self.loudest, float(level))
        place = int(np.searchsorted(_EDGES, level))
        self._all[place] += 1
        if probability < 0.1:
            self._rest[place] += 1
        elif probability >= 0.5:
            self._speech_power += power
            self._speech_windows += 1
        self._clipped += int(np.count_nonzero(np.abs(window) >= FULL_SCALE))
        self._samples += len(window)

    @property
    def speech(self) -> float | None:
        """Active speech level in dB full scale; None without speech."""
        if not self._speech_windows or self._speech_power <= 0.0:
            return None
        return float(10.0 * np.log10(self._speech_power / self._speech_windows))

    @property
    def floor(self) -> float | None:
        """Level of the noise in dB full scale: the median where nobody speaks, or, where that is missing or digital
        silence, the 5th percentile of all sounding windows; None where nothing sounds."""
        sounding = _EDGES[np.minimum(np.arange(len(_EDGES) + 1), len(_EDGES) - 1)] > SILENT
        rest, everything = np.where(sounding, self._rest, 0), np.where(sounding, self._all, 0)
        if rest.sum() >= 16:  # half a second
            return _quantile(rest, 0.5)
        return _quantile(everything, 0.05) if everything.sum() else None

    @property
    def snr(self) -> float | None:
        """Speech over noise in dB, the noise taken off the speech first; None without speech. Between -10 and 80."""
        if self.speech is None or self.floor is None:
            return None
        clean = 10.0 ** (self.speech / 10.0) - 10.0 ** (self.floor / 10.0)
        ratio = 10.0 * np.log10(max(clean, 1e-18)) - self.floor
        return float(np.clip(ratio, -10.0, 80.0))

    @property
    def clipping(self) -> float:
        """Share of samples at full scale, in [0, 1]."""
        return self._clipped / self._samples if self._samples else 0.0


def _quantile(histogram: NDArray[np.int64], share: float) -> float:
    below = np.cumsum(histogram)
    place = int(np.searchsorted(below, share * below[-1]))
    return float(_EDGES[min(place, len(_EDGES) - 1)] - 0.25)
