"""Bootstrap: what is resampled, that the fast way is the plain way, groups, seeds, undefined rounds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_material import ANSWERS, CHECKED, FAST, GUESSES, LABELS, NUMBERS, SPEAKERS, N, arrays

from mien.errors import RequestError
from mien.metrics import METRICS, bootstrap_values, compare, evaluate, interval
from mien.metrics.bootstrap import group_totals


def test_nearly_all_metrics_of_arrays_are_checked_here():
    assert len(CHECKED) > 70


@pytest.mark.parametrize("name", FAST)
def test_sums_give_the_metric_on_any_resample(name):
    truth, prediction = arrays(METRICS[name])
    sums = METRICS[name].sums(truth, prediction)
    rng = np.random.default_rng(0)
    for _ in range(20):
        drawn = rng.integers(0, N, N)
        weights = np.bincount(sums.which[drawn], minlength=len(sums.counts())).astype(float)
        found = float(sums.value(sums.totals(weights)))
        assert found == pytest.approx(METRICS[name](truth[drawn], prediction[drawn]), rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", CHECKED)
def test_every_metric_has_an_interval_with_and_without_groups(name):
    truth, prediction = arrays(METRICS[name])
    for groups in (None, SPEAKERS):
        score = evaluate(name, truth, prediction, rounds=60, groups=groups)
        assert score.value == pytest.approx(METRICS[name](truth, prediction))
        low, high = score.interval
        assert low <= high
        assert score.n == N
        assert repr(score) == repr(evaluate(name, truth, prediction, rounds=60, groups=groups))


@pytest.mark.parametrize("name", CHECKED)
def test_items_may_have_some_of_the_groups_that_are_drawn_from(name):
    truth, prediction = arrays(METRICS[name])
    whole = bootstrap_values(name, truth, prediction, groups=SPEAKERS, rounds=60)
    same = bootstrap_values(name, truth, prediction, groups=SPEAKERS, among=SPEAKERS, rounds=60)
    assert np.array_equal(whole, same, equal_nan=True)
    few = np.isin(SPEAKERS, (0, 1))
    part = {"groups": SPEAKERS[few], "among": np.arange(15), "rounds": 200}  # neither is in a tenth of the draws
    found = bootstrap_values(name, truth[few], prediction[few], **part)
    assert found.shape == (200,) and np.isnan(found).any()


def test_groups_that_are_not_among_those_drawn_from_are_refused():
    with pytest.raises(RequestError, match=r"of the 2 \(two at least\) that are drawn from"):
        bootstrap_values("uar", [0, 1], [0, 1], groups=["a", "b"], among=["a", "c"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=N, max_size=N).filter(lambda values: len(set(values)) > 1))
def test_totals_of_groups_are_those_of_their_items(groups):
    groups = np.unique(groups, return_inverse=True)[1]
    for name, (truth, prediction) in (("uar", (LABELS, ANSWERS)), ("ccc", (NUMBERS, GUESSES))):
        sums = METRICS[name].sums(truth, prediction)
        rows = np.eye(sums.size) if sums.rows is None else sums.rows
        wanted = np.stack([rows[sums.which[groups == group]].sum(axis=0) for group in range(groups.max() + 1)])
        np.testing.assert_allclose(group_totals(sums, groups), wanted, atol=1e-9)


def test_many_groups_with_many_contributions_are_summed_the_same():
    items = 40_000
    rng = np.random.default_rng(0)
    truth = rng.normal(size=items)
    groups = np.arange(items) // 10
    sums = METRICS["ccc"].sums(truth, truth + rng.normal(size=items))
    wanted = sums.rows.reshape(-1, 10, sums.size).sum(axis=1)
    np.testing.assert_allclose(group_totals(sums, groups), wanted, atol=1e-9)


def test_thousands_of_labels_fit_into_memory():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 1500, 3000)
    answers = np.where(rng.random(3000) < 0.5, truth, rng.integers(0, 1500, 3000))
    for groups in (None, np.arange(3000) // 3):
        low, high = evaluate("accuracy", truth, answers, groups=groups, rounds=20).interval
        assert low < METRICS["accuracy"](truth, answers) < high
        assert compare("accuracy", truth, answers, truth, groups=groups, rounds=20).p == pytest.approx(1 / 21)


def test_the_fast_way_has_the_spread_of_the_plain_way():
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 3, 500)
    answers = np.where(rng.random(500) < 0.6, truth, rng.integers(0, 3, 500))
    fast = bootstrap_values("uar", truth, answers, rounds=3000)
    plain = []
    for _ in range(3000):
        drawn = rng.integers(0, 500, 500)
        plain.append(METRICS["uar"](truth[drawn], answers[drawn]))
    assert fast.mean() == pytest.approx(np.mean(plain), abs=2e-3)
    assert fast.std() == pytest.approx(np.std(plain), rel=0.1)
    np.testing.assert_allclose(interval(fast), np.quantile(plain, [0.025, 0.975]), atol=6e-3)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    inside = 0
    for seed in range(300):
        right = (rng.random(200) < 0.7).astype(int)
        low, high = evaluate("accuracy", np.ones(200, dtype=int), right, rounds=400, rng=seed).interval
        inside += low <= 0.7 <= high
    assert 0.90 <= inside / 300 <= 0.985


def test_groups_of_alike_items_widen_the_interval():
    rng = np.random.default_rng(3)
    skill = rng.random(20)
    groups = np.repeat(np.arange(20), 50)
    right = (rng.random(1000) < skill[groups]).astype(int)
    truth = np.ones(1000, dtype=int)
    single, grouped = (evaluate("accuracy", truth, right, groups=by).interval for by in (None, groups))
    assert grouped[1] - grouped[0] > 2 * (single[1] - single[0])


def test_groups_may_be_names_in_any_container():
    pandas = pytest.importorskip("pandas")
    names = [f"speaker {group}" for group in SPEAKERS]
    scores = [evaluate("uar", LABELS, ANSWERS, groups=groups) for groups in (SPEAKERS, names, pandas.Series(names))]
    assert scores[0].interval == scores[1].interval == scores[2].interval


def test_seeds_and_generators():
    first = bootstrap_values("uar", LABELS, ANSWERS, rng=1)
    assert (first == bootstrap_values("uar", LABELS, ANSWERS, rng=np.random.default_rng(1))).all()
    assert (first != bootstrap_values("uar", LABELS, ANSWERS, rng=2)).any()


def test_rounds_without_a_value_are_left_out_and_counted():
    score = evaluate("roc_auc", [0, 0, 0, 1], [0.1, 0.4, 0.2, 0.3], rounds=200)
    assert score.interval is not None
    assert "of 200 bootstrap rounds had no value and are left out" in score.note
    assert interval(np.array([math.nan, math.nan])) is None


def test_no_rounds_no_interval():
    assert evaluate("uar", LABELS, ANSWERS, rounds=0).interval is None


def test_what_cannot_be_resampled_is_told():
    with pytest.raises(RequestError, match="groups has 2 items, truth 60"):
        evaluate("uar", LABELS, ANSWERS, groups=["a", "b"])
    with pytest.raises(RequestError, match="one group only"):
        evaluate("uar", LABELS, ANSWERS, groups=["a"] * N)
    with pytest.raises(RequestError, match="rounds: found -1"):
        evaluate("uar", LABELS, ANSWERS, rounds=-1)
    with pytest.raises(RequestError, match="level: found 95"):
        evaluate("uar", LABELS, ANSWERS, level=95)
    with pytest.raises(RequestError, match="unknown metric 'usr'; allowed: "):
        evaluate("usr", LABELS, ANSWERS)
