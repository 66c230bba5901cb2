"""Curves of films: filters as scipy has them, no shift in time by default."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.metrics.curve import affect_curve, curve_scores, value_class
from mien.metrics.filters import butterworth, low_pass, median, savgol

signal = pytest.importorskip("scipy.signal")
VALUES = np.random.default_rng(0).normal(size=120)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.floats(0.02, 0.45))
def test_low_pass_as_scipy(order, share):
    sections = butterworth(order, share * 30, 30)
    taps = signal.butter(order, share * 2, output="sos")
    np.testing.assert_allclose(low_pass(VALUES, sections, causal=True), signal.sosfilt(taps, VALUES), atol=1e-8)


@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_both_ways_as_scipy(order):
    b, a = signal.butter(order, 0.3)
    np.testing.assert_allclose(low_pass(VALUES, butterworth(order, 0.15, 1)), signal.filtfilt(b, a, VALUES), atol=1e-9)


@pytest.mark.parametrize(("window", "degree"), [(11, 0), (11, 2), (5, 3), (119, 1)])
@pytest.mark.parametrize("mode", ["interp", "mirror", "nearest", "wrap", "constant"])
def test_smoothing_as_scipy(window, degree, mode):
    wanted = signal.savgol_filter(VALUES, window, degree, mode=mode)
    np.testing.assert_allclose(savgol(VALUES, window, degree, mode=mode), wanted, atol=1e-9)


def test_median_as_scipy():
    np.testing.assert_array_equal(median(VALUES, 5), signal.medfilt(VALUES, 5))


def test_a_constant_stays_and_a_step_is_not_delayed():
    assert affect_curve(np.full(100, 5.0), window=11).final[1:-1] == pytest.approx(np.full(98, 2 / 3))
    step = np.repeat([0.0, 6.0], 100)
    sound, published = affect_curve(step, window=11), affect_curve(step, window=11, causal=True, rate=30.0)
    assert abs(np.argmax(sound.final > 0) - 100) <= 1
    assert np.argmax(published.final > 0) > 101
    assert published.filtered[0] < 1e-2


def test_classes_are_the_inverse_of_values():
    assert value_class((np.arange(7) - 3) / 3).tolist() == list(range(7))
    assert value_class([-2.0, 2.0]).tolist() == [0, 6]


def test_scores_against_the_viewers():
    viewers = np.sin(np.arange(50) / 5)
    found = curve_scores(viewers, median(viewers, 3))
    assert found == pytest.approx({"mae": 0, "mse": 0, "pearson": 1})


def test_options_that_do_not_fit_are_told():
    with pytest.raises(RequestError, match=r"needs 0 < cutoff < 12\.5 Hz"):
        affect_curve(VALUES, cutoff=13)
    with pytest.raises(RequestError, match="window 601"):
        affect_curve(VALUES)
    with pytest.raises(RequestError, match="odd"):
        median(VALUES, 4)
    with pytest.raises(RequestError, match="allowed: interp"):
        savgol(VALUES, 5, 0, mode="other")
