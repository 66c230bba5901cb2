"""Two systems compared: error rates of the tests, exact small cases, groups, every metric."""

import math

import numpy as np
import pytest
from metric_material import CHECKED, SPEAKERS, arrays

from mien.errors import RequestError
from mien.metrics import METRICS, compare, mcnemar
from mien.metrics.significance import holm

stats = pytest.importorskip("scipy.stats")


def systems(seed, items=200, gain=0.0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, items)

    def answers(skill):
        return np.where(rng.random(items) < skill, truth, rng.integers(0, 3, items))

    return truth, answers(0.5), answers(0.5 + gain)


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("method", ["randomisation", "bootstrap"])
def test_every_metric_compares(name, method):
    truth, first = arrays(METRICS[name])
    second = np.roll(first, 1, axis=0)
    for groups in (None, SPEAKERS):
        found = compare(name, truth, first, second, groups=groups, rounds=30, method=method)
        assert found.first == pytest.approx(METRICS[name](truth, first))
        assert found.second == pytest.approx(METRICS[name](truth, second))
        assert 1 / 31 <= found.p <= 1
        other = compare(name, truth, second, first, groups=groups, rounds=30, method=method)
        assert other.difference == pytest.approx(-found.difference)


@pytest.mark.parametrize("name", ["uar", "ccc", "spearman", "kl"])
@pytest.mark.parametrize("method", ["randomisation", "bootstrap"])
def test_a_system_does_not_differ_from_itself(name, method):
    truth, first = arrays(METRICS[name])
    found = compare(name, truth, first, first.copy(), rounds=50, method=method)
    assert (found.difference, found.p, found.interval) == (0, 1, (0, 0))


@pytest.mark.parametrize("method", ["randomisation", "bootstrap"])
@pytest.mark.parametrize("name", ["uar", "macro_f1"])
def test_equal_systems_are_rarely_told_apart_and_better_ones_mostly(method, name):
    false = sum(compare(name, *systems(seed), rounds=200, method=method).p <= 0.05 for seed in range(200))
    found = sum(compare(name, *systems(seed, gain=0.25), rounds=200, method=method).p <= 0.05 for seed in range(60))
    assert false / 200 <= 0.10
    assert found / 60 >= 0.8


def test_items_of_a_speaker_change_sides_together():
    # Ten speakers of twenty equal items each: the systems differ on whole speakers, so items say too much.
    truth = np.ones(200, dtype=int)
    groups = np.repeat(np.arange(10), 20)
    first, second = np.isin(groups, [0, 1, 2, 3]).astype(int), np.isin(groups, [0, 1, 2, 3, 4, 5, 6]).astype(int)
    assert compare("accuracy", truth, first, second).p < 0.01
    assert compare("accuracy", truth, first, second, groups=groups, rounds=2000).p == pytest.approx(0.25, abs=0.05)


def test_randomisation_of_few_items_is_near_the_exact_share():
    # Five items only the second has right: of 32 exchanges, two are as extreme.
    truth, first, second = [1] * 5, [0] * 5, [1] * 5
    assert compare("accuracy", truth, first, second, rounds=4000).p == pytest.approx(2 / 32, abs=0.02)


@pytest.mark.parametrize(("first_only", "second_only"), [(0, 0), (1, 3), (10, 25), (300, 340)])
def test_mcnemar_is_the_binomial_test(first_only, second_only):
    first = [1] * first_only + [0] * second_only + [1, 0]
    second = [0] * first_only + [1] * second_only + [1, 0]
    found = mcnemar([1] * len(first), first, second)
    discordant = first_only + second_only
    wanted = stats.binomtest(first_only, discordant).pvalue if discordant else 1.0
    assert found.p == pytest.approx(wanted)
    assert found.difference == pytest.approx((second_only - first_only) / len(first))


def test_holm_raises_as_published():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]).max() == 1


def test_undefined_values_have_no_p():
    found = compare("pearson", [1, 2, 3], [1, 1, 1], [1, 2, 3])
    assert math.isnan(found.p)
    assert found.interval is None
    assert found.note == "undefined: truth or prediction is constant"


def test_wrong_requests_are_told():
    with pytest.raises(RequestError, match="allowed: randomisation, bootstrap"):
        compare("uar", [1], [1], [1], method="t-test")
    with pytest.raises(RequestError, match="truth has 2 items, first 1"):
        compare("uar", [1, 2], [1], [1, 2])
    with pytest.raises(RequestError, match="truth holds numbers, second text"):
        mcnemar([1, 2], [1, 2], ["1", "2"])
