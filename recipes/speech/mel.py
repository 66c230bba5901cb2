"""Mel power as the speaker encoder of Resemblyzer expects it; the teachers of speech and of voices listen through it."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

RATE = 16_000


def linear_mel(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames, 40) mel power as that encoder expects it: 25/10 ms, centred, Slaney bands from 0 to 8000 Hz."""
    padded = np.pad(wave, 200)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    spectrum = np.fft.rfft(sliding_window_view(padded, 400)[::160] * taper.astype(np.float32), axis=1)
    return ((spectrum.real**2 + spectrum.imag**2) @ _slaney()).astype(np.float32)


def _slaney() -> NDArray[np.float64]:
    """Slaney's mel filters (linear below 1 kHz, logarithmic above), each with unit area; (201, 40)."""
    step = np.log(6.4) / 27
    top = 15 + np.log(8000 / 1000) / step
    mels = np.linspace(0, top, 42)
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(step * (mels - 15)))
    bins = np.fft.rfftfreq(400, 1 / RATE)[:, None]
    rising = (bins - hertz[:-2]) / np.diff(hertz)[:-1]
    falling = (hertz[2:] - bins) / np.diff(hertz)[1:]
    return np.maximum(np.minimum(rising, falling), 0) * (2 / (hertz[2:] - hertz[:-2]))
