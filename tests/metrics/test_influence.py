import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from mien.errors import RequestError
from mien.metrics.influence import best_lag, convergence, entrainment, inertia, influence, label_profile

LABELS = ("joy", "anger", "neutral")


def test_planted_contagion_shows_between_speakers_only():
    draw = np.random.default_rng(0)
    own = draw.choice(LABELS, 200)
    labels = np.repeat(own, 2)
    speakers = ["A", "B"] * 200
    found = inertia(speakers, labels)
    assert found.inter > found.intra + 0.2
    assert found.n_intra == 398
    assert found.n_inter == 399


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(LABELS)), min_size=2, max_size=40))
def test_counts_of_the_table_are_the_transfers(turns):
    speakers, labels = zip(*turns, strict=True)
    found = inertia(speakers, labels, order=LABELS)
    assert found.counts.sum() == found.n_inter == sum(a != b for a, b in pairwise(speakers))
    filled = found.counts.sum(axis=1) > 0
    np.testing.assert_allclose(found.probabilities.sum(axis=1), filled.astype(float))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=6, max_size=40))
def test_kappa_at_each_lag_agrees_with_scikit_learn(pairs):
    x, y = (np.array(side) for side in zip(*pairs, strict=True))
    profile = label_profile(x, y, max_lag=2)
    for lag, found in profile.items():
        one, other = (x[: len(x) - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[:lag])
        assert found.n == len(one)
        if len(set(one) | set(other)) > 1:
            assert found.kappa == pytest.approx(cohen_kappa_score(one, other), abs=1e-9)
        else:
            assert math.isnan(found.kappa)


def test_the_leader_of_copied_labels_is_found():
    x = np.random.default_rng(1).choice(LABELS, 80)
    assert best_lag(label_profile(x[2:], x[:-2], max_lag=4)) == 2
    assert best_lag(label_profile(["joy"] * 9, ["joy"] * 9, max_lag=2)) is None


def test_lagged_influence_finds_the_planted_weight_and_its_direction():
    draw = np.random.default_rng(2)
    a = draw.normal(size=400)
    b = np.zeros(400)
    for t in range(1, 400):
        b[t] = 0.3 * b[t - 1] + 0.6 * a[t - 1] + 0.5 * draw.normal()
    there, back = influence(a, b, rounds=200), influence(b, a, rounds=200)
    assert there.interval[0] < 0.6 < there.interval[1]
    assert there.own == pytest.approx(0.3, abs=0.1)
    assert back.interval[0] < 0 < back.interval[1]
    assert there.f > 50 > back.f


def test_convergence_and_entrainment():
    assert convergence([5, 4, 3, 2]) == pytest.approx(-1)
    assert math.isnan(convergence([1, 1, 1]))
    assert entrainment(["A", "B", "A", "B"], [1, 1.1, 3, 3.1]) > 0
    assert math.isnan(entrainment(["A", "A"], [1, 2]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: inertia(["A"], ["joy", "joy"]), "speakers"),
        (lambda: inertia(["A", "B"], ["joy", "awe"], order=["joy"]), "awe"),
        (lambda: label_profile(["a"], ["a"], max_lag=1), "max_lag 1"),
        (lambda: influence([1, 2], [1, 2]), "8 moments"),
        (lambda: influence([1.0] * 30, list(range(30))), "constant"),
    ],
)
def test_what_cannot_be_told_is_refused(call, words):
    with pytest.raises(RequestError, match=words):
        call()
