import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from mien.errors import RequestError
from mien.metrics.synchrony import (
    _level,
    _shifted_peaks,
    coherence,
    cross_correlation,
    dtw_distance,
    lead_share,
    recurrence_profile,
    recurrence_rate,
    shift_test,
    standardise,
    windowed_correlation,
)


def walk(seed, size=400):
    return np.convolve(np.random.default_rng(seed).normal(size=size + 9), np.ones(10) / 10, "valid")


@given(st.integers(-8, 8))
def test_the_lag_of_a_delayed_copy_is_found(delay):
    track = walk(3)
    x, y = track[20:320], track[20 - delay : 320 - delay]
    found = cross_correlation(x, y, max_lag=10)
    assert found.peak_lag == delay
    assert found.peak == pytest.approx(1)
    leader = {-1: "B leads A", 0: "together", 1: "A leads B"}[int(np.sign(delay))]
    assert leader in found.words("A", "B", rate=10)


def test_a_mirrored_copy_peaks_by_size_and_not_by_value():
    x = np.sin(np.arange(100) / 6.0)
    found = cross_correlation(x, -x, max_lag=4)
    assert (found.peak_lag, round(found.peak, 6)) == (0, -1)
    assert found.highest_lag != 0


def test_a_constant_track_has_no_correlation():
    found = cross_correlation([1.0] * 20, np.arange(20.0), max_lag=2)
    assert found.peak_lag is None
    assert all(math.isnan(value) for value in found.r)
    assert "constant" in found.words()
    with pytest.raises(RequestError, match="constant"):
        standardise([2, 2, 2])


def test_windows_are_never_padded():
    x, y = walk(1, 100), walk(2, 100)
    windows = windowed_correlation(x, y, window=40, step=20, max_lag=5)
    assert [start for start, _ in windows] == [0, 20, 40, 60]
    assert all(math.isnan(value) for value in windows[0][1].r[:5])
    assert all(math.isnan(value) for value in windows[-1][1].r[6:])
    assert 0 <= lead_share(windows) <= 1


@pytest.mark.parametrize("make", [walk, lambda seed: np.cumsum(np.random.default_rng(seed).normal(size=400))])
def test_two_smooth_or_wandering_tracks_are_rarely_taken_for_synchrony(make):
    chance = [shift_test(make(seed), make(seed + 1000), max_lag=10, surrogates=199).p for seed in range(200)]
    assert sum(p < 0.05 for p in chance) <= 22


@given(st.integers(0, 99), st.integers(0, 40))
def test_shifted_peaks_are_those_of_shifted_tracks(seed, shift):
    x, y = walk(seed, 60), walk(seed + 500, 60)
    direct = abs(cross_correlation(x, np.roll(_level(y), shift), max_lag=6).peak)
    found = _shifted_peaks(x - x.mean(), _level(y), np.array([shift]), 6)
    assert found[0] == pytest.approx(direct, abs=1e-9)


def test_a_copy_is_told_from_chance():
    track = walk(7)
    copied = shift_test(track[5:], track[:-5], max_lag=10)
    assert copied.p < 0.01
    assert copied == shift_test(track[5:], track[:-5], max_lag=10), "equal seeds give equal results"


def test_a_line_cannot_be_tested():
    assert math.isnan(shift_test(walk(1, 50), np.arange(50.0), max_lag=3).p)


def plain_dtw(x, y):
    table = np.full((len(x) + 1, len(y) + 1), np.inf)
    table[0, 0] = 0
    for i, one in enumerate(x, start=1):
        for j, other in enumerate(y, start=1):
            table[i, j] = abs(one - other) + min(table[i - 1, j], table[i, j - 1], table[i - 1, j - 1])
    return table[-1, -1]


tracks = st.lists(st.floats(-5, 5).map(lambda value: round(value, 3)), min_size=1, max_size=14)


@given(tracks, tracks)
def test_warping_agrees_with_the_plain_recursion(x, y):
    assert dtw_distance(x, y) == pytest.approx(plain_dtw(x, y), abs=1e-9)
    assert dtw_distance(y, x) == pytest.approx(dtw_distance(x, y), abs=1e-9)
    assert dtw_distance(x, x) == pytest.approx(0, abs=1e-9)


def test_recurrence_counts_all_pairs():
    x, y = walk(4, 60), walk(5, 60)
    near = np.abs(standardise(x)[:, None] - standardise(y)[None]) <= 0.4
    assert recurrence_rate(x, y, radius=0.4) == pytest.approx(near.mean())
    profile = recurrence_profile(x, y, max_lag=3, radius=0.4)
    assert profile == {lag: pytest.approx(np.diagonal(near, lag).mean()) for lag in range(-3, 4)}


def test_coherence_agrees_with_scipy():
    x, y = walk(6), walk(8) + 0.5 * walk(6)
    frequencies, values = signal.coherence(x, y, fs=10.0, nperseg=64, noverlap=32, window="hann")
    inside = (frequencies >= 0.1) & (frequencies <= 0.5)
    found = coherence(x, y, rate=10.0, band=(0.1, 0.5), segment=64)
    assert found == pytest.approx(values[inside].mean(), rel=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: cross_correlation([1, 2, 3], [1, 2], max_lag=0),
        lambda: cross_correlation([1, 2, 3], [1, 2, 3], max_lag=5),
        lambda: cross_correlation([1, 2, math.nan], [1, 2, 3], max_lag=0),
        lambda: windowed_correlation([1, 2, 3], [1, 2, 3], window=9, step=1, max_lag=0),
        lambda: shift_test([1, 2, 3, 4], [1, 2, 4, 3], max_lag=2),
        lambda: shift_test([1, 2, 3, 4], [1, 2, 4, 3], max_lag=-1),
        lambda: coherence([1, 2, 3], [1, 2, 3], rate=1, band=(0, 1), segment=64),
        lambda: recurrence_profile([1, 2, 3], [1, 2, 3], max_lag=3),
    ],
)
def test_tracks_that_cannot_be_compared_are_refused(call):
    with pytest.raises(RequestError):
        call()
