import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.affect.dimensions import CENTROIDS, derive
from mien.affect.distribution import Distribution
from mien.affect.mapping import mapping
from mien.affect.space import SPACES, Space, space
from mien.affect.translate import translate
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


def test_a_space_of_ones_own_is_told_in_others_and_counts_what_is_lost():
    """The labels of ferplus8 in another order and spelling, under a name that no table holds."""
    own = Space(
        "mine", ("Sad", "contempt", "Happy", "neutral", "fear", "disgust", "surprise", "anger"), "categorical", ""
    )
    way = mapping(own, "basic7")
    values = np.array([[0.2, 0.3, 0.5, 0, 0, 0, 0, 0]])
    assert way.by_loose(values).tolist() == [0.3] and way.loose == ("contempt",)
    assert mapping(own, "basic7", strict=True).lost(values).tolist() == [0.3]
    told = Distribution(own, values[0]).to("basic7")
    assert told["happiness"] == pytest.approx(0.5) and told["disgust"] == pytest.approx(0.3)
    found = translate(values, own, "basic7", strict=True, max_lost=0.5)
    assert found.lost.tolist() == [0.3] and found.values[0, SPACES["basic7"].index("sadness")] == pytest.approx(
        0.2 / 0.7
    )


def test_a_space_of_ones_own_is_not_taken_for_another_of_its_name():
    own = Space("ferplus8", ("calm", "tense"), "categorical", "a person's own")
    with pytest.raises(RequestError, match="no mapping from ferplus8 to basic7"):
        mapping(own, "basic7")
    turned = Space("basic7", tuple(reversed(SPACES["basic7"].labels)), "categorical", "a person's own")
    told = Distribution(turned, np.eye(7)[0]).to("sentiment3")
    assert told == Distribution(SPACES["basic7"], np.eye(7)[6]).to("sentiment3")
