import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.affect.dimensions import CENTROIDS, derive
from mien.affect.distribution import Distribution
from mien.affect.space import SPACES, space
from mien.errors import RequestError


def test_goemotions_of_one_kind_reach_their_basic_emotion():
    for fine, coarse in {
        "annoyance": "anger",
        "gratitude": "happiness",
        "grief": "sadness",
        "curiosity": "surprise",
    }.items():
        assert Distribution.of("goemotions28", {fine: 0.9}).to("basic7").top == coarse
    assert Distribution.of("goemotions28", {}).to("basic7").top == "neutral"


def test_contempt_joins_disgust_and_nothing_else():
    assert Distribution.of("ferplus8", {"contempt": 1}).to("basic7")["disgust"] == 1


def test_stress_never_becomes_an_emotion():
    with pytest.raises(RequestError, match="no mapping from stress2"):
        Distribution.of("stress2", {"stress": 1}).to("basic7")


def test_a_pure_category_lies_on_its_centroid_and_is_marked_derived():
    for label, (valence, arousal, dominance) in CENTROIDS.items():
        if label in SPACES["ferplus8"].labels:
            point = derive(Distribution.of("ferplus8", {label: 1}))
            assert (point.valence, point.arousal, point.dominance) == pytest.approx((valence, arousal, dominance))
            assert point.derived == ("valence", "arousal", "dominance")


def test_an_unknown_space_or_label_lists_what_is_allowed():
    with pytest.raises(RequestError, match="basic, compound, goemotions, va, sentiment"):
        space("plutchik")
    with pytest.raises(RequestError, match="neutral, anger, disgust"):
        Distribution.of("basic7", {"joyful": 1})


@pytest.mark.parametrize("values", [[0.5] * 7, [float("nan")] + [0] * 6, [1.0], [2, -1, 0, 0, 0, 0, 0]])
def test_what_is_no_distribution_is_refused(values):
    with pytest.raises(RequestError):
        Distribution.of("basic7", values)


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7))
def test_entropy_is_between_certain_and_undecided(values):
    array = np.array(values) + 1e-6
    entropy = Distribution.of("basic7", array / array.sum()).entropy
    assert -1e-9 <= entropy <= 1 + 1e-9
