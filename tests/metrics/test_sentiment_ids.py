"""Sentiment on a scale: every published convention is its own id, and the traps between them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.metrics import METRICS, evaluate
from mien.metrics.sentiment import SCHEMES, round_values, sentiment_classes
from mien.metrics.three_way import three_way_scores

sklearn = pytest.importorskip("sklearn.metrics")

TENTHS = st.integers(-35, 35).map(lambda value: value / 10)
PAIRS = st.lists(st.tuples(TENTHS, TENTHS), min_size=1, max_size=30)


def test_where_zero_goes():
    truth, prediction = [0.0, -1.0, 1.0, 0.0], [0.0, -0.5, 0.0, 1.0]
    assert METRICS["acc2_has0"](truth, prediction) == 1
    assert METRICS["acc2_non0"](truth, prediction) == 0.5
    assert METRICS["acc2_strict"](truth, prediction) == 0.5


def test_a_truth_of_zeros_only_has_no_non0_value():
    score = evaluate("acc2_non0", [0, 0], [1, -1])
    assert math.isnan(score.value)
    assert score.note == "undefined: every truth is exactly 0; 2 of 2 items left out by this convention"


def test_the_number_of_items_is_that_of_the_convention():
    score = evaluate("acc2_non0", [0.0, 1.0, -1.0], [1.0, 1.0, 1.0], rounds=0)
    assert (score.n, score.value) == (2, 0.5)
    assert score.note == "1 of 3 items left out by this convention"


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_as_the_released_evaluation_computes_it(pairs):
    t, p = np.array(pairs).T
    for limit, name in ((1, "acc3"), (2, "acc5"), (3, "acc7")):
        wanted = np.mean(np.round(np.clip(t, -limit, limit)) == np.round(np.clip(p, -limit, limit)))
        assert METRICS[name](t, p) == pytest.approx(wanted)
    assert METRICS["f1_2_has0"](t, p) == pytest.approx(sklearn.f1_score(t >= 0, p >= 0, average="weighted"))
    kept = t != 0
    if kept.any():
        wanted = sklearn.f1_score(t[kept] > 0, p[kept] > 0, average="weighted")
        assert METRICS["f1_2_non0"](t, p) == pytest.approx(wanted)
        assert METRICS["acc2_non0"](t, p) == pytest.approx(np.mean((t[kept] > 0) == (p[kept] > 0)))


def test_halves_go_to_the_even_neighbour_or_away_from_zero():
    halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
    assert round_values(halves).tolist() == [-2, -2, 0, 0, 2, 2]
    assert round_values(halves, "half_away").tolist() == [-3, -2, -1, 1, 2, 3]
    assert round_values(np.array([0.49999999999999994, -0.49999999999999994]), "half_away").tolist() == [0, 0]
    assert METRICS["acc7"]([0.5], [0.0]) == 1
    assert METRICS["acc7_half_away"]([0.5], [0.0]) == 0
    with pytest.raises(RequestError, match="allowed: half_even, half_away"):
        round_values(halves, "up")


def test_clipping_comes_before_rounding():
    assert sentiment_classes([-9, 2.5, 9], 2).tolist() == [-2, 2, 2]
    assert METRICS["acc5"]([3.0], [2.0]) == 1
    assert METRICS["acc7"]([3.0], [2.0]) == 0


def test_sims_cuts_leave_the_cut_in_the_lower_class():
    cut = {name: SCHEMES[name].cut for name in ("2_sims", "3_sims", "5_sims")}
    values = np.array([-1.0, -0.7, -0.1, 0.0, 0.1, 0.2, 0.7, 0.8])
    assert cut["2_sims"](values).tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert cut["3_sims"](values).tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert cut["5_sims"](values).tolist() == [0, 0, 1, 2, 2, 3, 3, 4]


def test_three_way_readings_differ_as_the_code_bases_do():
    truth = [0, 1, 2, 2]
    scores = [[3, 0, 1], [0, 1, 2], [0, 1, 2], [0, 3, 2]]
    mmsa, cider, sound = (three_way_scores(truth, scores, scheme=name) for name in ("mmsa", "cider", "sound"))
    assert mmsa["acc3"] == cider["acc3"] == sound["acc3"] == 0.5
    assert (mmsa["has0_acc2"], cider["has0_acc2"]) == (0.75, 1.0)
    assert mmsa["non0_acc2"] == pytest.approx(1 / 3)
    assert cider["non0_acc2"] == pytest.approx(2 / 3)
    assert sound["non0_acc2"] == 1
    assert "has0_acc2" not in sound
    assert math.isnan(three_way_scores([1], [[0, 1, 0]])["non0_acc2"])
    with pytest.raises(RequestError, match="three columns"):
        three_way_scores([3], [[0, 1, 0]])
    with pytest.raises(RequestError, match="allowed: mmsa, cider, sound"):
        three_way_scores([1], [[0, 1, 0]], scheme="other")
