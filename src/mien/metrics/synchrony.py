"""Synchrony of two tracks (pitch, valence, motion) sampled together: who follows whom, how alike, against chance.

Lags are samples: r(L) compares x(t) with y(t+L), so at a positive peak lag x leads y. Where a track is constant a
correlation is not defined: NaN, never 0.

>>> x = np.sin(np.arange(60) / 5.0)
>>> found = cross_correlation(x[3:], x[:-3], max_lag=5)
>>> found.peak_lag, found.words("A", "B", rate=10.0)
(3, 'A leads B by 0.3 s (r = 1.00)')
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, paired_numbers
from mien.metrics.metric import metric
from mien.metrics.turns import CARD

_NAMES = ("x", "y")


@dataclass(frozen=True, slots=True)
class Lagged:
    """A correlation at every lag.

    lags: samples, ascending; r: in [-1, 1], NaN where undefined; peak_lag, peak: where |r| is largest (None, NaN where
    no r is defined; the smaller lag of equals); highest_lag, highest: where r itself is largest.
    """

    lags: tuple[int, ...]
    r: tuple[float, ...]
    peak_lag: int | None
    peak: float
    highest_lag: int | None
    highest: float

    def words(self, x: str = "x", y: str = "y", *, rate: float = 1.0) -> str:
        """The peak in words; rate: samples per second."""
        if self.peak_lag is None:
            return f"no correlation of {x} and {y} is defined (a constant track)"
        how = f"r = {self.peak:.2f}"
        if self.peak_lag == 0:
            return f"{x} and {y} move together ({how})"
        first, second = (x, y) if self.peak_lag > 0 else (y, x)
        return f"{first} leads {second} by {abs(self.peak_lag) / rate:g} s ({how})"


@dataclass(frozen=True, slots=True)
class Chance:
    """A value against surrogates: mean and standard deviation of theirs, z, and p = (1 + as large) / (n + 1)."""

    value: float
    mean: float
    std: float
    z: float
    p: float
    n: int


def cross_correlation(x: Any, y: Any, *, max_lag: int) -> Lagged:
    """Pearson correlation of x(t) with y(t+L) over the part both have, for L in [-max_lag, max_lag].

    x, y: (n,) numbers at the same times. RequestError: unequal length, NaN, max_lag below 0 or above n - 2.
    """
    first, second = paired_numbers(x, y, names=_NAMES)
    if not 0 <= max_lag <= len(first) - 2:
        raise RequestError(f"max_lag {max_lag}: allowed are 0 to {len(first) - 2} for {len(first)} samples")
    lags = range(-max_lag, max_lag + 1)
    return _lagged(lags, [_pearson(*_overlap(first, second, lag)) for lag in lags])


def windowed_correlation(x: Any, y: Any, *, window: int, step: int, max_lag: int) -> tuple[tuple[int, Lagged], ...]:
    """Cross-correlation in windows: for each start, x[start:start+window] against y shifted by every lag.

    window, step, max_lag: samples (usual: 6 s and 2 s). A lag at which the shifted window leaves the track is NaN;
    nothing is padded. Returns (start, Lagged) in order of time.
    """
    first, second = paired_numbers(x, y, names=_NAMES)
    if not 2 <= window <= len(first) or step < 1 or max_lag < 0:
        raise RequestError(
            f"window {window}, step {step}, max_lag {max_lag}: needed 2 <= window <= {len(first)} samples, step >= 1, "
            "max_lag >= 0"
        )
    lags = range(-max_lag, max_lag + 1)
    found = []
    for start in range(0, len(first) - window + 1, step):
        part = first[start : start + window]
        inside = [start + lag >= 0 and start + lag + window <= len(second) for lag in lags]
        values = [
            _pearson(part, second[start + lag : start + lag + window]) if ok else math.nan
            for lag, ok in zip(lags, inside, strict=True)
        ]
        found.append((start, _lagged(lags, values)))
    return tuple(found)


def lead_share(windows: tuple[tuple[int, Lagged], ...]) -> float:
    """Share of the windows in which x leads (peak lag above 0), of those with a peak; NaN without any."""
    lags = [found.peak_lag for _, found in windows if found.peak_lag is not None]
    return float(np.mean([lag > 0 for lag in lags])) if lags else math.nan


def standardise(values: Any, *, name: str = "values") -> Numbers:
    """z-scores with the population standard deviation; RequestError for a constant track."""
    numbers, _ = paired_numbers(values, values, names=(name, name))
    spread = numbers.std()
    if spread == 0:
        raise RequestError(f"{name}: constant, so it has no z-scores")
    return np.asarray((numbers - numbers.mean()) / spread)


@metric(
    "dtw_distance", kind="interaction", better="neither",
    formula="min over warping paths of sum |x_i - y_j|, steps (1,0), (0,1), (1,1)", reference=CARD,
)  # fmt: skip
def dtw_distance(x: Any, y: Any) -> float:
    """Dynamic time warping: the smallest sum of absolute differences along a path from start to end of both tracks.

    x (n,), y (m,): numbers; z-score them first (`standardise`) to compare shapes. O(n m) time, O(m) memory.
    """
    first, _ = paired_numbers(x, x, names=("x", "x"))
    second, _ = paired_numbers(y, y, names=("y", "y"))
    before = np.full(len(second) + 1, np.inf)
    before[0] = 0.0
    for value in first:
        cost = np.abs(value - second)
        above = np.minimum(before[:-1], before[1:])
        # Along a row d[j] = cost[j] + min(above[j], d[j-1]): with C = cumsum(cost), d - C is a running minimum.
        total = np.cumsum(cost)
        row = total + np.minimum.accumulate(above - total + cost)
        before = np.concatenate([[np.inf], row])
    return float(before[-1])


@metric(
    "recurrence_rate", kind="interaction", better="neither",
    formula="mean over all i, j of |x_i - y_j| <= radius", reference=CARD,
)  # fmt: skip
def recurrence_rate(x: Any, y: Any, *, radius: float = 0.3) -> float:
    """Cross-recurrence: the share of pairs of moments at which both (z-scored) tracks are within `radius`."""
    first, second = standardise(x, name="x"), np.sort(standardise(y, name="y"))
    near = np.searchsorted(second, first + radius, "right") - np.searchsorted(second, first - radius, "left")
    return float(near.mean() / len(second))


def recurrence_profile(x: Any, y: Any, *, max_lag: int, radius: float = 0.3) -> dict[int, float]:
    """Share of moments with |x(t) - y(t+L)| <= radius for each lag L in samples; both tracks z-scored as a whole."""
    paired_numbers(x, y, names=_NAMES)
    first, second = standardise(x, name="x"), standardise(y, name="y")
    if not 0 <= max_lag < len(first):
        raise RequestError(f"max_lag {max_lag}: allowed are 0 to {len(first) - 1} for {len(first)} samples")
    profile = {}
    for lag in range(-max_lag, max_lag + 1):
        one, other = _overlap(first, second, lag)
        profile[lag] = float((np.abs(one - other) <= radius).mean())
    return profile


def coherence(x: Any, y: Any, *, rate: float, band: tuple[float, float], segment: int) -> float:
    """Mean magnitude-squared coherence in a band, in [0, 1] (Welch: Hann windows of `segment` samples, half overlap).

    rate: samples per second; band: (low, high) in Hz. RequestError: fewer than two segments, or no frequency in the
    band. NaN where a track is constant.
    """
    first, second = paired_numbers(x, y, names=_NAMES)
    hop = segment // 2
    if segment < 2 or len(first) < segment + hop:
        raise RequestError(f"segment {segment}: two half-overlapping segments must fit into {len(first)} samples")
    frequencies = np.fft.rfftfreq(segment, 1 / rate)
    inside = (frequencies >= band[0]) & (frequencies <= band[1])
    if not inside.any():
        raise RequestError(f"band {band}: no frequency of {segment} samples at {rate:g} Hz lies in it")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(segment) / segment)
    spectra = [_spectra(track, segment, hop, window) for track in (first, second)]
    cross = (np.conj(spectra[0]) * spectra[1]).mean(axis=0)[inside]
    powers = [(np.abs(one) ** 2).mean(axis=0)[inside] for one in spectra]
    with np.errstate(invalid="ignore", divide="ignore"):
        return float((np.abs(cross) ** 2 / (powers[0] * powers[1])).mean())


def shift_test(x: Any, y: Any, *, max_lag: int, surrogates: int = 1000, seed: int = 0) -> Chance:
    """The peak |r| of the cross-correlation against circular shifts of y by more than `max_lag` samples.

    Smooth tracks correlate by chance; this says how much. The line between its ends is taken off y first, so that a
    shifted y has no jump and wandering tracks (random walks) are rarely taken for synchrony: `value` can therefore
    differ from the peak of `cross_correlation`. NaN where x is constant or y a straight line.
    RequestError where the tracks are too short to shift.
    """
    first, second = paired_numbers(x, y, names=_NAMES)
    span = len(second) - 2 * max_lag - 1
    if max_lag < 0 or span < 1 or surrogates < 1:
        raise RequestError(f"max_lag {max_lag}: {len(second)} samples leave no shift beyond it; shorten max_lag")
    shifts = np.random.default_rng(seed).integers(max_lag + 1, max_lag + 1 + span, size=surrogates)
    peaks = _shifted_peaks(first - first.mean(), _level(second), np.concatenate([[0], shifts]), max_lag)
    return chance(float(peaks[0]), peaks[1:])


def chance(value: float, surrogates: NDArray[np.float64]) -> Chance:
    """A value beside those of surrogates (shifts, or pairs of persons who never met)."""
    mean, std = float(surrogates.mean()), float(surrogates.std())
    p = (1 + int((surrogates >= value).sum())) / (len(surrogates) + 1) if math.isfinite(value) else math.nan
    return Chance(value, mean, std, (value - mean) / std if std else math.nan, p, len(surrogates))


def _level(track: Numbers) -> Numbers:
    """The track without the line between its ends, mean 0; what rounding leaves of a straight line is 0."""
    rest = track - np.linspace(track[0], track[-1], len(track))
    rest = rest - rest.mean()
    return np.asarray(np.where(np.ptp(rest) > 1e-12 * np.abs(track).max(), rest, 0.0))


def _shifted_peaks(x: Numbers, y: Numbers, shifts: NDArray[np.int64], max_lag: int) -> Numbers:
    """Largest |r| over all lags for y turned by each shift (shifts,): what `cross_correlation` finds, by one FFT.

    The products over a whole turn are those of the overlap and of the few samples at an end, which are taken off.
    """
    size = len(x)
    turn = np.fft.irfft(np.conj(np.fft.rfft(x)) * np.fft.rfft(y), size)
    peaks = np.full(len(shifts), np.nan)
    for lag in range(-max_lag, max_lag + 1):
        edge = np.arange(size - lag, size) if lag >= 0 else np.arange(-lag)
        lost = y[(edge + lag - shifts[:, None]) % size]
        count = size - len(edge)
        x_sum, x_square = -x[edge].sum(), x @ x - x[edge] @ x[edge]
        y_sum, y_square = -lost.sum(axis=1), y @ y - (lost**2).sum(axis=1)
        product = turn[(lag - shifts) % size] - lost @ x[edge]
        scale = (x_square - x_sum**2 / count) * (y_square - y_sum**2 / count)
        with np.errstate(divide="ignore", invalid="ignore"):
            r = np.abs(product - x_sum * y_sum / count) / np.sqrt(scale)
        peaks = np.fmax(peaks, np.where(scale > 0, np.minimum(r, 1.0), np.nan))
    return peaks


def _spectra(track: Numbers, segment: int, hop: int, window: Numbers) -> NDArray[np.complex128]:
    parts = np.lib.stride_tricks.sliding_window_view(track, segment)[::hop]
    return np.fft.rfft((parts - parts.mean(axis=1, keepdims=True)) * window, axis=1)


def _overlap(x: Numbers, y: Numbers, lag: int) -> tuple[Numbers, Numbers]:
    """x(t) and y(t+lag) where both exist."""
    return (x[: len(x) - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[: len(y) + lag])


def _pearson(x: Numbers, y: Numbers) -> float:
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    one, other = x - x.mean(), y - y.mean()
    scale = math.sqrt(float(one @ one) * float(other @ other))
    return float(np.clip(one @ other / scale, -1.0, 1.0)) if scale else math.nan


def _lagged(lags: range, values: list[float]) -> Lagged:
    r = np.array(values)
    if np.isnan(r).all():
        return Lagged(tuple(lags), tuple(values), None, math.nan, None, math.nan)
    strong, high = int(np.nanargmax(np.abs(r))), int(np.nanargmax(r))
    return Lagged(tuple(lags), tuple(values), lags[strong], values[strong], lags[high], values[high])
