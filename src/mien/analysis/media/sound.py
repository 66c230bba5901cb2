"""Sound as numbers: log-mel frames, levels in decibels, level setting and edge trimming, in plain NumPy.

Everything here takes mono float32 at 16 kHz and counts in hops of 10 ms, so that features made by
different rooms line up frame by frame.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Wave = NDArray[np.float32]

RATE = 16_000
"""Sample rate in Hz that every function of this room expects."""
HOP = 160
"""Samples between two frames (10 ms)."""
WINDOW = 400
"""Samples in one frame (25 ms)."""
BANDS = 64
"""Mel bands of `log_mel`."""

_FFT = 512
_LOW, _HIGH = 50.0, 7600.0
_FLOOR = 1e-10
_BLOCK = 2048  # frames per pass: bounds memory to about 10 MB whatever the length
_SILENCE = 1e-9


def log_mel(wave: Wave) -> NDArray[np.float32]:
    """Log-mel spectrogram: natural log of the power in 64 mel bands from 50 to 7600 Hz.

    Takes (samples,) float32 at 16 kHz; returns (frames, 64) float32, one frame of 25 ms every 10 ms,
    `frame_count(len(wave))` of them (none below 25 ms). Digital silence gives log(1e-10), never -inf.
    """
    wave = np.ascontiguousarray(wave, dtype=np.float32)
    frames = frame_count(len(wave))
    mel = np.empty((frames, BANDS), np.float32)
    if not frames:
        return mel
    windows = sliding_window_view(wave, WINDOW)[::HOP]
    taper, bank = _taper(), _mel_bank()
    for start in range(0, frames, _BLOCK):
        block = windows[start : start + _BLOCK] * taper
        spectrum = np.fft.rfft(block, _FFT, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        np.log(power.astype(np.float32, copy=False) @ bank + _FLOOR, out=mel[start : start + len(block)])
    return mel


def frame_count(samples: int) -> int:
    """Number of whole 25 ms frames at 10 ms steps in that many samples (0 below 400)."""
    return 0 if samples < WINDOW else 1 + (samples - WINDOW) // HOP


def frame_levels(wave: Wave) -> NDArray[np.float32]:
    """Level of each frame of `log_mel`, (frames,) float32 in dB relative to full scale (-180 for zeros)."""
    wave = np.asarray(wave, np.float32)
    frames = frame_count(len(wave))
    if not frames:
        return np.empty(0, np.float32)
    summed = np.concatenate(([0.0], np.cumsum(np.square(wave, dtype=np.float64))))
    starts = np.arange(frames) * HOP
    mean = np.maximum(summed[starts + WINDOW] - summed[starts], 0.0) / WINDOW
    levels: NDArray[np.float32] = (10.0 * np.log10(np.maximum(mean, _SILENCE**2))).astype(np.float32)
    return levels


def active_frames(levels: NDArray[np.float32], *, below: float = 35.0) -> NDArray[np.bool_]:
    """Which frames are within `below` dB of the loudest one; (frames,) bool, all False in digital silence."""
    if not len(levels) or levels.max() <= -170.0:
        return np.zeros(len(levels), bool)
    return np.asarray(levels >= levels.max() - below, bool)


def active_level(wave: Wave, *, below: float = 35.0) -> float:
    """Mean level of the active frames in dB relative to full scale; -inf where nothing sounds."""
    levels = frame_levels(wave)
    active = active_frames(levels, below=below)
    if not active.any():
        return float("-inf")
    return float(10.0 * np.log10(np.mean(10.0 ** (levels[active].astype(np.float64) / 10.0))))


def set_level(wave: Wave, *, rms: float = 0.05, below: float = 35.0) -> Wave:
    """The wave scaled so that its active frames have the given RMS; silence comes back unchanged."""
    level = active_level(wave, below=below)
    if not np.isfinite(level):
        return np.asarray(wave, np.float32)
    return (np.asarray(wave, np.float32) * np.float32(rms / 10.0 ** (level / 20.0))).astype(np.float32)


def active_bounds(wave: Wave, *, below: float = 35.0, keep: float = 0.08) -> tuple[int, int]:
    """First and last sample (exclusive) of the active part, `keep` seconds of margin included.

    (0, 0) where nothing sounds or the wave is shorter than one frame.
    """
    active = np.flatnonzero(active_frames(frame_levels(wave), below=below))
    if not len(active):
        return 0, 0
    margin = round(keep * RATE)
    start = max(int(active[0]) * HOP - margin, 0)
    return start, min(int(active[-1]) * HOP + WINDOW + margin, len(wave))


def trim_edges(wave: Wave, *, below: float = 35.0, keep: float = 0.08) -> Wave:
    """The wave without quiet edges: parts more than `below` dB under the peak frame, `keep` s left on."""
    start, stop = active_bounds(wave, below=below, keep=keep)
    return np.asarray(wave, np.float32)[start:stop]


@lru_cache(maxsize=1)
def _taper() -> NDArray[np.float32]:
    """Periodic Hann window of one frame."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@lru_cache(maxsize=1)
def _mel_bank() -> NDArray[np.float32]:
    """Triangular filters, (257, 64), equally spaced on the mel scale (2595 log10(1 + f/700)), peak 1."""
    edges = np.linspace(_mel(_LOW), _mel(_HIGH), BANDS + 2)
    hertz = 700.0 * (10.0 ** (edges / 2595.0) - 1.0)
    bins = np.arange(_FFT // 2 + 1)[:, None] * (RATE / _FFT)
    rising = (bins - hertz[:-2]) / (hertz[1:-1] - hertz[:-2])
    falling = (hertz[2:] - bins) / (hertz[2:] - hertz[1:-1])
    bank = np.maximum(np.minimum(rising, falling), 0.0)
    # The lowest triangles are narrower than a bin: give an empty one its nearest bin.
    for band in np.flatnonzero(bank.sum(axis=0) == 0):
        bank[round(hertz[band + 1] * _FFT / RATE), band] = 1.0
    return bank.astype(np.float32)


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))
