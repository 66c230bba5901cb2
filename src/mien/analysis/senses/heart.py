"""Heart rate in plain NumPy: from inter-beat intervals, or from the pulse wave with a peak finder of our own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHORTEST, LONGEST = 0.30, 2.0
"""Seconds: inter-beat intervals outside (200 to 30 beats a minute) are not believed."""
JUMP = 0.3
"""An interval that differs from the median of its neighbours by more than this share is not believed."""
REACH = 8.0
"""Seconds: heart rate is told only where a believed beat lies this near."""


def _moving_mean(values: Array, width: int) -> Array:
    width = max(min(width, len(values)), 1)
    left, right = width // 2, width - width // 2
    total = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    low, high = np.maximum(at - left, 0), np.minimum(at + right, len(values))
    return np.asarray((total[high] - total[low]) / (high - low))


def beats(pulse: Array, rate: float, *, foot: bool = True) -> Array:
    """Times (k,) in seconds of the heart beats in a pulse wave (n,) of any unit sampled at `rate` Hz.

    Two moving averages after Elgendi et al. 2013 (PLoS ONE 8(10): e76585), with wider windows for wrists: where the
    squared wave exceeds its one-beat average for long enough, its highest point is a beat. foot: follow the foot of
    the wave (its trough; sharper than the crest, and what the Empatica E4 itself marks). Gaps (NaN) hold no beats.
    """
    if len(pulse) < 2 * rate:
        return np.empty(0)
    there = np.isfinite(pulse)
    raw = np.where(there, -pulse if foot else pulse, 0.0)
    wave = raw - _moving_mean(raw, int(rate))
    for _ in range(2):
        wave = _moving_mean(wave, int(0.25 * rate) | 1)
    power = np.clip(wave, 0.0, None) ** 2
    short, beat, local = (_moving_mean(power, max(int(width * rate), 1)) for width in (0.2, 0.8, 10.0))
    block = (short > beat + 0.02 * local) & there & (local > 0)
    edge = np.diff(np.concatenate(([False], block, [False])).astype(int))
    starts, ends = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    wide = (ends - starts) >= 0.08 * rate
    found = np.array([a + int(np.argmax(wave[a:b])) for a, b in zip(starts[wide], ends[wide], strict=True)], int)
    return _between(_apart(found, wave, SHORTEST * rate), wave) / rate


def _between(beats: Array, wave: Array) -> Array:
    """The crest of the parabola through each beat and its neighbours: finer than the sampling step."""
    at = np.clip(beats.astype(int), 1, len(wave) - 2)
    before, here, after = wave[at - 1], wave[at], wave[at + 1]
    bend = before - 2 * here + after
    with np.errstate(all="ignore"):
        shift = np.where(bend < 0, 0.5 * (before - after) / bend, 0.0)
    return np.asarray(beats + np.clip(shift, -0.5, 0.5))


def _apart(found: NDArray[np.int64], height: Array, least: float) -> Array:
    kept: list[int] = []
    for beat in found.tolist():
        if kept and beat - kept[-1] < least:
            if height[beat] > height[kept[-1]]:
                kept[-1] = beat
        else:
            kept.append(beat)
    return np.array(kept, float)


def believed(intervals: Array) -> NDArray[np.bool_]:
    """(k,) True where an inter-beat interval (seconds) is humanly possible and agrees with its neighbours."""
    possible = np.isfinite(intervals) & (intervals >= SHORTEST) & (intervals <= LONGEST)
    if possible.sum() < 3:
        return possible
    padded = np.pad(np.where(possible, intervals, np.nan), 2, mode="reflect" if len(intervals) > 2 else "edge")
    near = np.lib.stride_tricks.sliding_window_view(padded, 5)
    middle = np.full(len(intervals), np.nan)
    some = np.isfinite(near).any(axis=1)
    middle[some] = np.nanmedian(near[some], axis=1)
    return np.asarray(possible & (np.abs(intervals - middle) <= JUMP * np.nan_to_num(middle, nan=np.inf)))


def rate_from_intervals(times: Array, intervals: Array, grid: Array) -> Array:
    """Heart rate in beats a minute at the `grid` times (m,), NaN where no believed beat is within `REACH` seconds.

    `times` (k,) are the seconds at which each interval ended, `intervals` (k,) its length in seconds.
    """
    keep = believed(intervals)
    when, length = times[keep], intervals[keep]
    if not len(when):
        return np.full(len(grid), np.nan)
    rate = np.interp(grid, when, 60.0 / length)
    right = np.clip(np.searchsorted(when, grid), 0, len(when) - 1)
    left = np.clip(right - 1, 0, len(when) - 1)
    nearest = np.minimum(np.abs(when[right] - grid), np.abs(when[left] - grid))
    return np.where(nearest <= REACH, rate, np.nan)


def rate_from_pulse(pulse: Array, rate: float, grid: Array) -> Array:
    """Heart rate in beats a minute at the `grid` seconds (m,) from a pulse wave (n,) at `rate` Hz; NaN where unsure."""
    when = beats(pulse, rate)
    if len(when) < 3:
        return np.full(len(grid), np.nan)
    return rate_from_intervals(when[1:], np.diff(when), grid)
