"""Numbers: agreement with scipy and scikit-learn, constants, CCC's conventions, shifts of any size."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.metrics import METRICS, evaluate
from mien.metrics.concordance import ccc_loss, ccc_loss_gradient, ccc_per_dimension
from mien.metrics.intensity import intensity_intervals, intensity_scores
from mien.metrics.weighted import Levels, rank_of

stats = pytest.importorskip("scipy.stats")
sklearn = pytest.importorskip("sklearn.metrics")

VALUE = st.integers(-30, 30).map(lambda value: value / 10)
PAIRS = st.lists(st.tuples(VALUE, VALUE), min_size=2, max_size=30)


def split(pairs):
    return np.array([t for t, _ in pairs]), np.array([p for _, p in pairs])


def plain_ccc(t, p, ddof):
    cov = np.cov(t, p, ddof=ddof)
    return 2 * cov[0, 1] / (cov[0, 0] + cov[1, 1] + (t.mean() - p.mean()) ** 2)


@settings(max_examples=80, deadline=None)
@given(PAIRS)
def test_errors_and_explained_variance_as_scikit_learn(pairs):
    t, p = split(pairs)
    assert METRICS["mae"](t, p) == pytest.approx(sklearn.mean_absolute_error(t, p), abs=1e-12)
    assert METRICS["mse"](t, p) == pytest.approx(sklearn.mean_squared_error(t, p), abs=1e-12)
    assert METRICS["rmse"](t, p) == pytest.approx(sklearn.root_mean_squared_error(t, p), abs=1e-12)
    assert METRICS["bias"](t, p) == pytest.approx((p - t).mean(), abs=1e-12)
    if np.ptp(t):
        assert METRICS["r2"](t, p) == pytest.approx(sklearn.r2_score(t, p), rel=1e-9, abs=1e-9)
    else:
        assert math.isnan(METRICS["r2"](t, p))


@settings(max_examples=80, deadline=None)
@given(PAIRS)
def test_correlations_as_scipy(pairs):
    t, p = split(pairs)
    np.testing.assert_array_equal(rank_of(Levels.of(t), np.ones(len(t))), stats.rankdata(t))
    if np.ptp(t) and np.ptp(p):
        assert METRICS["pearson"](t, p) == pytest.approx(stats.pearsonr(t, p)[0], abs=1e-9)
        assert METRICS["spearman"](t, p) == pytest.approx(stats.spearmanr(t, p)[0], abs=1e-9)
        assert METRICS["kendall"](t, p) == pytest.approx(stats.kendalltau(t, p)[0], abs=1e-9)
    else:
        assert math.isnan(METRICS["kendall"](t, p))
        assert math.isnan(METRICS["pearson"](t, p))
        assert math.isnan(METRICS["spearman"](t, p))


@settings(max_examples=80, deadline=None)
@given(PAIRS)
def test_concordance_with_either_variance(pairs):
    t, p = split(pairs)
    assume(np.ptp(t) or np.ptp(p) or t[0] != p[0])
    assert METRICS["ccc"](t, p) == pytest.approx(plain_ccc(t, p, 0), abs=1e-9)
    assert METRICS["ccc_sample"](t, p) == pytest.approx(plain_ccc(t, p, 1), abs=1e-9)
    assert METRICS["ccc"](t, p) == pytest.approx(METRICS["ccc"](p, t), abs=1e-12)
    assert abs(METRICS["ccc"](t, p)) <= 1 + 1e-12


@pytest.mark.parametrize("name", ["ccc", "ccc_sample", "pearson", "r2", "rmse", "spearman"])
@pytest.mark.parametrize("shift", [0.0, 1e3, -1e6])
def test_a_common_shift_changes_nothing(name, shift):
    rng = np.random.default_rng(3)
    t = rng.normal(size=200)
    p = t + rng.normal(size=200)
    assert METRICS[name](t + shift, p + shift) == pytest.approx(METRICS[name](t, p), rel=1e-7)


def test_kendall_of_many_items():
    rng = np.random.default_rng(0)
    t = rng.integers(0, 40, 3000)
    p = t + rng.integers(0, 40, 3000)
    assert METRICS["kendall"](t, p) == pytest.approx(stats.kendalltau(t, p)[0], abs=1e-9)


def test_constants_and_single_items():
    assert METRICS["ccc"]([0.1, 0.1, 0.1], [0.2, 0.2, 0.2]) == 0
    assert METRICS["ccc"]([0.1, 0.5, 0.9], [0.3, 0.3, 0.3]) == 0
    assert math.isnan(METRICS["ccc"]([0.1] * 3, [0.1] * 3))
    assert math.isnan(METRICS["ccc"]([0.3], [0.4]))
    for constant in (0.1, 1e-9, 1e9, 1 / 3):
        assert math.isnan(METRICS["pearson"]([constant] * 7, list(range(7))))
    score = evaluate("pearson", [1, 2, 3], [2, 2, 2])
    assert math.isnan(score.value)
    assert score.note == "undefined: truth or prediction is constant"


def test_the_mixed_variant_never_reaches_one():
    values = [0.1, 0.4, 0.9, 0.3]
    assert METRICS["ccc"](values, values) == pytest.approx(1)
    assert METRICS["ccc_mixed"](values, values) == pytest.approx(3 / 4)


@pytest.mark.parametrize("ddof", [0, 1])
def test_the_gradient_of_the_loss(ddof):
    rng = np.random.default_rng(0)
    t, p = rng.random((7, 2)), rng.random((7, 2))
    found = ccc_loss_gradient(t, p, ddof=ddof)
    for place in np.ndindex(p.shape):
        step = np.zeros_like(p)
        step[place] = 1e-6
        slope = (ccc_loss(t, p + step, ddof=ddof) - ccc_loss(t, p - step, ddof=ddof)) / 2e-6
        assert found[place] == pytest.approx(slope, abs=1e-7)
    assert ccc_per_dimension(t, t, ddof=ddof) == pytest.approx([1, 1])


def test_wrong_input_is_told():
    with pytest.raises(RequestError, match="truth has 2 items, prediction 1"):
        METRICS["ccc"]([1, 2], [1])
    with pytest.raises(RequestError, match="prediction: NaN or infinity at item 1"):
        METRICS["mae"]([1, 2], [1, float("nan")])


LEVELS = [[2, 0, np.nan], [1, np.nan, 2], [0, 2, 1]]
ANSWERS = [[8.0, 1.0, 0.0], [np.nan, 9.0, 10.0], [1.0, 7.0, 4.0]]
REFUSED = [[False, False, False], [True, False, False], [False, False, False]]
NAMES = ["Anger", "Awe", "Pain"]


def test_intensities_of_rated_cells_only():
    found = intensity_scores(LEVELS, ANSWERS, names=NAMES, refused=REFUSED)
    assert found.n == {"Anger": 2, "Awe": 2, "Pain": 2}
    assert found.refused == {"Anger": 1, "Awe": 0, "Pain": 0}
    assert found.refusal_rate == pytest.approx(1 / 7)
    assert found.per_emotion["Anger"]["mae"] == pytest.approx(1.5)
    assert found.pooled["mae"] == pytest.approx(np.mean([2, 1, 1, 3, 0, 1]))


def test_a_refusal_may_count_as_the_worst_answer():
    found = intensity_scores(LEVELS, ANSWERS, names=NAMES, refused=REFUSED, mode="worst")
    assert found.n["Anger"] == 3
    assert found.per_emotion["Anger"]["mae"] == pytest.approx((2 + 5 + 1) / 3)


def test_intensities_have_intervals_that_draw_whole_clips():
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 3, (80, 3)).astype(float)
    levels[rng.random(levels.shape) < 0.5] = np.nan
    answers = np.nan_to_num(levels) * 5 + rng.normal(size=levels.shape)
    found = intensity_intervals(levels, answers, names=NAMES, rounds=200)
    plain = intensity_scores(levels, answers, names=NAMES)
    assert set(found) == {*NAMES, "pooled"}
    for measure, score in found["pooled"].items():
        assert score.value == pytest.approx(plain.pooled[measure])
        assert score.interval[0] <= score.value <= score.interval[1]
    assert found["Awe"]["mae"].n == plain.n["Awe"]


def test_intensities_that_cannot_be_scored():
    with pytest.raises(RequestError, match="no number at item 1, 'Anger'"):
        intensity_scores(LEVELS, ANSWERS, names=NAMES)
    with pytest.raises(RequestError, match="names: 1 for 3 columns"):
        intensity_scores(LEVELS, ANSWERS, names=["Anger"], refused=REFUSED)
    with pytest.raises(RequestError, match="must be one"):
        intensity_scores(LEVELS, [[1.0]], names=NAMES)
