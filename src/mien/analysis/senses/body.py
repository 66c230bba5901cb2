"""From the channels of a wearable to one even grid: skin, warmth, movement, heart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.recording import Signal
from mien.analysis.media.wearable import LONGEST
from mien.analysis.senses import heart as pulse
from mien.analysis.senses.eda import contact, responses, split

Array = NDArray[np.float64]

RATE = 4
"""Hz of the common grid: the rate of wrist skin conductance."""
BRIDGE = 2.0
"""Seconds: shorter gaps are drawn through, longer ones stay gaps."""
COLD = 24.0
"""Degrees Celsius: where skin conductance is not recorded, a colder sensor is taken to lie on the table."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What a wearable says of a body, sample i at `start + i / RATE` seconds; NaN: not recorded or not worn.

    eda: skin conductance, microsiemens; phasic: its fast part; peaks: 1.0 where a skin conductance response peaks;
    temperature: Celsius; movement: change of acceleration from sample to sample, g; heart: beats a minute;
    worn: whether the band was on the skin; recorded: whether any channel has a value;
    heart_from: "heart_rate", "ibi", "bvp" or "" (which channel the heart rate came from).
    """

    start: float
    eda: Array
    phasic: Array
    peaks: Array
    temperature: Array
    movement: Array
    heart: Array
    worn: NDArray[np.bool_]
    recorded: NDArray[np.bool_]
    heart_from: str = ""

    @property
    def duration(self) -> float:
        """Seconds from the first to the last sample."""
        return len(self.worn) / RATE


def body(signals: Iterable[Signal]) -> Body | None:
    """Put a wearable's channels on one grid; None where no channel that a body sense knows has a value.

    Known names: eda (uS), temperature (degC), heart_rate (bpm), ibi (s), bvp, acc_x, acc_y, acc_z (g, m/s2 or 1/64 g).
    The heart rate is the device's own, else from inter-beat intervals, else from the pulse wave.
    """
    known = {s.name: s for s in signals if s.name in _KNOWN and np.isfinite(s.values).any()}
    if not known:
        return None
    start = min(_begin(s) for s in known.values())
    end = min(max(_end(s) for s in known.values()), start + LONGEST)
    count = max(int(np.ceil((end - start) * RATE)), 1)
    grid = {name: on_grid(known[name], start, count) for name in ("eda", "temperature") if name in known}
    none = np.full(count, np.nan)
    eda, warmth = grid.get("eda", none), grid.get("temperature", none)
    movement = _movement(known, start, count)
    heart, source = _heart(known, start, count)
    recorded = np.isfinite(eda) | np.isfinite(warmth) | np.isfinite(movement) | np.isfinite(heart)
    worn = recorded & (contact(eda, RATE) | ~np.isfinite(eda)) & ~(~np.isfinite(eda) & (warmth < COLD))
    skin, warmth, movement, heart = (np.where(worn, channel, np.nan) for channel in (eda, warmth, movement, heart))
    peaks = np.where(np.isfinite(skin), 0.0, np.nan)
    peaks[np.round(responses(skin, RATE).times * RATE).astype(int)] = 1.0
    return Body(start, skin, split(skin, RATE)[1], peaks, warmth, movement, heart, worn, recorded, source)


_KNOWN = ("eda", "temperature", "heart_rate", "ibi", "bvp", "acc_x", "acc_y", "acc_z")


def on_grid(signal: Signal, start: float, count: int) -> Array:
    """(count,) the signal's mean in each 1/RATE s from `start`; gaps up to `BRIDGE` s are drawn through."""
    when = sample_times(signal)
    keep = np.isfinite(signal.values) & np.isfinite(when)
    slot = np.floor((when[keep] - start) * RATE + 1e-6)
    inside = (slot >= 0) & (slot < count)
    slot_at, values = slot[inside].astype(int), signal.values[keep][inside]
    total = np.bincount(slot_at, values, count)
    many = np.bincount(slot_at, minlength=count)
    out = np.full(count, np.nan)
    out[many > 0] = total[many > 0] / many[many > 0]
    step = 1.0 / signal.rate if signal.rate else 0.0
    return _bridge(out, max(BRIDGE, 1.5 * step))


def sample_times(signal: Signal) -> Array:
    """(n,) seconds of every value of a signal, even or not."""
    if signal.times is not None:
        return signal.times
    return signal.start + np.arange(len(signal.values)) / (signal.rate or 1.0)


def _bridge(values: Array, longest: float) -> Array:
    have = np.flatnonzero(np.isfinite(values))
    if len(have) < 2:
        return values
    drawn = np.interp(np.arange(len(values)), have, values[have], left=np.nan, right=np.nan)
    gap = np.diff(have)
    for first, last in zip(have[:-1][gap > longest * RATE], have[1:][gap > longest * RATE], strict=True):
        drawn[first + 1 : last] = np.nan
    return drawn


def _movement(known: dict[str, Signal], start: float, count: int) -> Array:
    axes = [known[name] for name in ("acc_x", "acc_y", "acc_z") if name in known]
    if len(axes) < 3:
        return np.full(count, np.nan)
    # rounded to whole 1/64 g, the resolution of the data the model was fitted on
    place = np.stack([np.round(on_grid(axis, start, count) * _per_g(axis.unit) * 64) / 64 for axis in axes])
    change = np.sqrt((np.diff(place, axis=1) ** 2).sum(axis=0))
    return np.concatenate(([np.nan], change))


def _per_g(unit: str) -> float:
    return {"1/64 g": 1 / 64, "m/s2": 1 / 9.80665, "m/s^2": 1 / 9.80665, "mg": 1e-3}.get(unit, 1.0)


def _heart(known: dict[str, Signal], start: float, count: int) -> tuple[Array, str]:
    grid = start + np.arange(count) / RATE
    if "heart_rate" in known:
        told = on_grid(known["heart_rate"], start, count)
        return np.where((told >= 30) & (told <= 220), told, np.nan), "heart_rate"
    if "ibi" in known:
        beat = known["ibi"]
        return pulse.rate_from_intervals(sample_times(beat), beat.values, grid), "ibi"
    if "bvp" in known and known["bvp"].rate and known["bvp"].rate >= 16:
        wave = known["bvp"]
        return pulse.rate_from_pulse(wave.values, wave.rate or 1.0, grid - wave.start), "bvp"
    return np.full(count, np.nan), ""


def _begin(signal: Signal) -> float:
    return float(np.nanmin(signal.times)) if signal.times is not None and len(signal.times) else signal.start


def _end(signal: Signal) -> float:
    when = sample_times(signal)
    return float(np.nanmax(when)) + (1.0 / signal.rate if signal.rate else 0.0)
