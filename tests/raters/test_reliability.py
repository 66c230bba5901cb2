"""Agreement on numbers: the six intraclass correlations, Cronbach's alpha, the evaluator-weighted estimator, levels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mien.errors import DataError, RequestError
from mien.raters import ICC_FORMS, cronbach_alpha, evaluator_weighted, icc, icc_one_way, level_summary

# Shrout and Fleiss 1979, table 2: six targets, four judges; the six forms are those of their table 4.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
PRINTED = {"ICC1": 0.17, "ICC2": 0.29, "ICC3": 0.71, "ICC1k": 0.44, "ICC2k": 0.62, "ICC3k": 0.91}

tables = arrays(np.float64, st.tuples(st.integers(3, 10), st.integers(2, 5)), elements=st.integers(-5, 5).map(float))


def values(found):
    return {name: one.value for name, one in found.items()}


def test_the_example_of_shrout_and_fleiss():
    assert values(icc(SHROUT_FLEISS, rounds=0)) == pytest.approx(PRINTED, abs=5e-3)


def test_the_same_numbers_as_pingouin():
    pingouin, pandas = pytest.importorskip("pingouin"), pytest.importorskip("pandas")
    table = np.random.default_rng(0).normal(size=(30, 4)) + np.random.default_rng(1).normal(size=(30, 1))
    rows = [(i, j, table[i, j]) for i in range(30) for j in range(4)]
    frame = pandas.DataFrame(rows, columns=["item", "rater", "score"])
    wanted = pingouin.intraclass_corr(frame, targets="item", raters="rater", ratings="score").set_index("Type")["ICC"]
    found = icc(table, rounds=0)
    for name, form in ICC_FORMS.items():
        assert found[name].value == pytest.approx(wanted[form if form in wanted.index else name])
    alpha, _ = pingouin.cronbach_alpha(pandas.DataFrame(table))
    assert cronbach_alpha(table, rounds=0).value == pytest.approx(alpha)


@given(tables)
def test_scale_shift_and_order_do_not_matter(table):
    found = values(icc(table, rounds=0))
    for other in (table[::-1], table[:, ::-1], table * 1e-6, table * 3 + 1000):
        assert values(icc(other, rounds=0)) == pytest.approx(found, nan_ok=True, rel=1e-5, abs=1e-6)
    assert all(math.isnan(value) or value <= 1 + 1e-9 for name, value in found.items() if name != "ICC2k")


@given(tables, st.integers(-50, 50))
def test_a_raters_constant_shift_matters_to_absolute_agreement_only(table, shift):
    moved = table.copy()
    moved[:, 0] += shift
    one, two = values(icc(table, rounds=0)), values(icc(moved, rounds=0))
    assert one["ICC3"] == pytest.approx(two["ICC3"], nan_ok=True, abs=1e-6)
    assert one["ICC3k"] == pytest.approx(two["ICC3k"], nan_ok=True, abs=1e-6)


def test_items_that_not_all_rated_are_left_out_and_counted():
    holes = np.concatenate([SHROUT_FLEISS.astype(float), [[1, math.nan, 2, 3]]])
    found = icc(holes, rounds=50, groups=list("aabbccd"))
    assert values(found) == pytest.approx(PRINTED, abs=5e-3)
    assert found["ICC1"].items == 6 and "1 items that not all raters rated" in found["ICC1"].note


@given(tables)
def test_one_way_with_all_ratings_is_icc1_whoever_rated(table):
    shuffled = np.random.default_rng(0).permuted(table, axis=1)
    found = icc(table, rounds=0)
    for name, one in icc_one_way(shuffled, rounds=0).items():
        assert one.value == pytest.approx(found[name].value, nan_ok=True, abs=1e-9)


def test_one_way_with_gaps_finds_the_truth():
    """Items spread 1, raters' errors 1: half of the variance lies between items."""
    generator = np.random.default_rng(0)
    table = generator.normal(size=(3000, 6)) + generator.normal(size=(3000, 1))
    table[np.arange(6) >= generator.integers(1, 7, (3000, 1))] = math.nan
    found = icc_one_way(table)
    low, high = found["ICC1"].interval
    assert low < 0.5 < high and high - low < 0.1
    alone = int((np.isfinite(table).sum(axis=1) == 1).sum())
    assert found["ICC1"].items == 3000 - alone and f"{alone} items with fewer than two" in found["ICC1"].note
    assert math.isnan(icc_one_way([[1, None], [None, 2]])["ICC1"].value)


@pytest.mark.parametrize("table", [[[3, 3], [3, 3]], [[1, None], [None, 2]], [[1, 2]], [[None, None]]])
def test_what_is_not_defined_is_nan_with_a_reason(table):
    for one in (*icc(table).values(), cronbach_alpha(table)):
        assert math.isnan(one.value) and one.interval is None and one.note


def test_one_rater_is_not_enough():
    for call in (icc, evaluator_weighted, cronbach_alpha):
        with pytest.raises(RequestError, match="at least two columns"):
            call([[1], [2]])
    with pytest.raises(DataError, match="row 2: 'joy' is no number"):
        icc([[1, 2], ["joy", 1]])
    with pytest.raises(DataError, match="row 2: an infinite rating"):
        icc([[1, 2], [math.inf, 1]])
    with pytest.raises(DataError, match="row 2: 1 cells, row 1 has 2"):
        icc([[1, 2], [1]])


def test_intervals_hold_the_value_and_narrow_with_more_items():
    generator = np.random.default_rng(0)
    table = generator.normal(size=(1000, 3)) + generator.normal(size=(1000, 1))
    widths = []
    for number in (50, 1000):
        for one in icc(table[:number]).values():
            assert one.interval[0] < one.value < one.interval[1]
        widths.append(one.interval[1] - one.interval[0])
    assert widths[1] < widths[0] / 2
    expected = 0.5
    low, high = icc(table)["ICC1"].interval
    assert low < expected < high


def test_the_weighted_estimator_trusts_who_follows_the_rest():
    generator = np.random.default_rng(0)
    truth = generator.normal(size=400)
    table = truth[:, None] + generator.normal(size=(400, 4)) * [0.2, 0.5, 1.5, 0.5]
    table[:, 3] = -0.2 * truth
    found = evaluator_weighted(table)
    assert found.weights[0] > found.weights[1] > found.weights[2] > found.weights[3] == 0
    assert "raters 3 run against the rest" in found.note
    assert ((found.intervals[:, 0] <= found.weights) & (found.weights <= found.intervals[:, 1])).all()
    assert np.corrcoef(found.values, truth)[0, 1] > np.corrcoef(table.mean(axis=1), truth)[0, 1]
    by_hand = [np.corrcoef(table[:, j], np.delete(table, j, axis=1).mean(axis=1))[0, 1] for j in range(4)]
    np.testing.assert_allclose(found.weights, np.clip(by_hand, 0, 1))
    with_itself = [np.corrcoef(table[:, j], table.mean(axis=1))[0, 1] for j in range(4)]
    np.testing.assert_allclose(evaluator_weighted(table, against="all").weights, np.clip(with_itself, 0, 1))


def test_the_weighted_estimator_with_gaps_and_constant_raters():
    found = evaluator_weighted([[1, 1, 5], [2, 2, 5], [3, None, 5], [None, None, 5], [None, None, None]], rounds=20)
    assert found.weights[2] == 0 and "raters 2 do not vary" in found.note
    assert found.values[:3].tolist() == pytest.approx([1, 2, 3]) and np.isnan(found.values[3:]).all()
    with pytest.raises(RequestError, match="allowed: others, all"):
        evaluator_weighted([[1, 2]], against="some")


def test_levels_of_one_emotion():
    found = level_summary([[0, 1, None], [2, 1, 1], [0, 0, 0], [None, None, None], [0, 1, 2]], (0, 1, 2))
    assert found.mean.tolist() == pytest.approx([0.5, 4 / 3, 0, math.nan, 1], nan_ok=True)
    assert found.unanimous.tolist() == [False, False, True, False, False]
    assert found.heard_by_all.tolist() == [False, True, False, False, False]
    assert found.majority_present.tolist() == [False, True, False, False, True]
    assert found.raters.tolist() == [2, 3, 3, 0, 3]
    with pytest.raises(DataError, match="row 2: level 3; allowed: 0, 1, 2"):
        level_summary([[0, 1], [1, 3]], (0, 1, 2))
