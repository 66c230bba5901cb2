"""How something was said, measured: pitch, loudness, voicing, pauses, rate; for cues a person can check."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mien.analysis.media.sound import HOP, RATE, active_frames, frame_levels

Floats = NDArray[np.float32]

LOWEST, HIGHEST = 60.0, 500.0
"""Range of the pitch track in Hz."""
SHORTEST_PAUSE = 0.2
"""A gap inside speech is called a pause from this length, seconds."""

_WINDOW = 640  # 40 ms: two periods of the lowest pitch and a little more
_FFT = 1024
_VOICED = 0.5
_OCTAVE_COST = 0.03
_BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Prosody:
    """What was measured in one clip, every value None where there is nothing to measure.

    pitch: median of voiced frames, Hz; spread: half the distance between their 10th and 90th percentile,
    semitones; level: mean of active frames, dB full scale; voiced: share of active frames with pitch, [0, 1];
    rate: syllable-like energy peaks a second of speech without its pauses; pauses: how many gaps of at least
    0.2 s; paused: their sum, seconds; speech: seconds from first to last active frame.
    """

    pitch: float | None
    spread: float | None
    level: float | None
    voiced: float | None
    rate: float | None
    pauses: int
    paused: float
    speech: float


def prosody(wave: Floats) -> Prosody:
    """Measures one clip of speech, (samples,) float32 at 16 kHz."""
    return measure(*tracks(wave))


def tracks(wave: Floats) -> tuple[Floats, Floats]:
    """Level in dB and pitch in Hz (0 where unvoiced) of each 10 ms frame of a clip, two arrays of one length."""
    levels = frame_levels(wave)
    hertz = np.zeros(len(levels), np.float32)
    found = pitch_track(wave)[: len(levels)]
    hertz[: len(found)] = found
    hertz[~active_frames(levels, below=30.0)] = 0.0
    return levels, hertz


def measure(levels: Floats, hertz: Floats, first_frame: int = 0, last_frame: int | None = None) -> Prosody:
    """Prosody of a stretch of frames of `tracks`."""
    levels, hertz = levels[first_frame:last_frame], hertz[first_frame:last_frame]
    active = active_frames(levels, below=30.0)
    if active.sum() < 5:
        return Prosody(None, None, None, None, None, 0, 0.0, 0.0)
    voiced = hertz[hertz > 0]
    first, last = np.flatnonzero(active)[[0, -1]]
    pauses = pause_lengths(active[first : last + 1])
    speech = (last - first + 1) * HOP / RATE
    spoken = max(speech - float(pauses.sum()), 0.05)
    enough = len(voiced) >= 5
    rate = len(energy_peaks(levels, hertz)) / spoken
    return Prosody(
        pitch=float(np.median(voiced)) if enough else None,
        spread=_spread(voiced) if enough else None,
        level=float(10 * np.log10(np.mean(10 ** (levels[active].astype(np.float64) / 10)))),
        voiced=float(len(voiced) / active.sum()),
        rate=float(rate) if speech >= 0.5 else None,
        pauses=len(pauses),
        paused=float(pauses.sum()),
        speech=float(speech),
    )


def pitch_track(wave: Floats) -> Floats:
    """Pitch in Hz every 10 ms, (frames,) float32, 0 where unvoiced; about one frame per frame of `log_mel`.

    Normalised autocorrelation of 40 ms windows with a small cost per octave downwards (Boersma 1993),
    parabolic interpolation, a median over five frames; an octave and more off the clip's median is unvoiced.
    """
    wave = np.ascontiguousarray(wave, np.float32)
    if len(wave) < _WINDOW:
        return np.zeros(0, np.float32)
    windows = sliding_window_view(wave, _WINDOW)[::HOP]
    track = np.concatenate([_pitch(windows[i : i + _BLOCK]) for i in range(0, len(windows), _BLOCK)])
    return _steady(np.pad(track, (0, 2)))


def _pitch(windows: Floats) -> Floats:
    """Pitch of each window, 0 where the autocorrelation has no clear peak."""
    taper, own, lags, cost = _tables()
    framed = (windows - windows.mean(axis=1, keepdims=True)) * taper
    spectrum = np.fft.rfft(framed, _FFT, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    correlation = np.fft.irfft(power, _FFT, axis=1)[:, : lags[-1] + 2]
    strength = correlation / np.maximum(correlation[:, :1], 1e-9) / own
    middle = strength[:, lags]
    peak = (middle >= strength[:, lags - 1]) & (middle > strength[:, lags + 1])
    best = np.where(peak, middle - cost, -1.0).argmax(axis=1)
    rows = np.arange(len(windows))
    before, at, after = (strength[rows, lags[best] + d] for d in (-1, 0, 1))
    shift = 0.5 * (before - after) / np.minimum(before - 2 * at + after, -1e-9)
    voiced = (at >= _VOICED) & peak[rows, best] & (correlation[:, 0] > 1e-7)
    return np.where(voiced, RATE / (lags[best] + shift.clip(-1, 1)), 0.0).astype(np.float32)


@lru_cache(maxsize=1)
def _tables() -> tuple[Floats, Floats, NDArray[np.int64], Floats]:
    """Hann window, its own autocorrelation, the lags searched, and their octave cost."""
    taper = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
    lags = np.arange(int(RATE / HIGHEST), int(RATE / LOWEST) + 1)
    own = np.correlate(taper, taper, "full")[_WINDOW - 1 :][: lags[-1] + 2]
    cost = _OCTAVE_COST * np.log2(lags / lags[0])
    return taper, (own / own[0]).astype(np.float32), lags, cost.astype(np.float32)


def _steady(track: Floats) -> Floats:
    """Median of five neighbours where most are voiced; lone frames and octave slips become unvoiced."""
    around = sliding_window_view(np.pad(track, 2), 5)
    voiced = (around > 0).sum(axis=1)
    ordered = np.sort(np.where(around > 0, around, np.inf), axis=1)
    middle = ordered[np.arange(len(track)), np.maximum(voiced - 1, 0) // 2]
    middle = np.where(voiced >= 3, middle, 0.0)
    kept = np.where(track > 0, middle, 0.0)
    if (kept > 0).any():
        centre = np.median(kept[kept > 0])
        kept[(kept > 2.2 * centre) | (kept < centre / 2.2)] = 0.0
    return kept.astype(np.float32)


def pause_lengths(active: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Lengths in seconds of the inactive runs of at least 0.2 s in a row of 10 ms frames."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], active, [True])).astype(np.int8)))
    runs = (edges[1::2] - edges[::2]) * HOP / RATE
    return np.asarray(runs[runs >= SHORTEST_PAUSE], np.float64)


def energy_peaks(levels: Floats, hertz: Floats) -> NDArray[np.int64]:
    """Frames of syllable-like peaks: voiced level maxima between 2 dB dips (after de Jong & Wempe 2009)."""
    if len(levels) < 7:
        return np.zeros(0, np.int64)
    smooth = np.convolve(np.pad(levels, 3, mode="edge"), np.hanning(9)[1:-1] / np.hanning(9).sum(), "valid")
    tops = np.flatnonzero((smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:])) + 1
    tops = tops[smooth[tops] >= smooth.max() - 25.0]
    found: list[int] = []
    for top in tops.tolist():
        dip = smooth[found[-1] : top].min() if found else -np.inf
        if smooth[top] - dip >= 2.0 and (not found or smooth[found[-1]] - dip >= 2.0):
            found.append(top)
        elif found and smooth[top] > smooth[found[-1]]:
            found[-1] = top
    near = [top for top in found if (hertz[max(top - 3, 0) : top + 4] > 0).any()]
    return np.array(near, np.int64)


def semitones(hertz: float, reference: float) -> float:
    """Distance of two pitches in semitones."""
    return float(12.0 * np.log2(hertz / reference))


def _spread(voiced: Floats) -> float:
    low, high = np.quantile(voiced, [0.1, 0.9])
    return semitones(float(high), float(low)) / 2
