import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.affect.dimensions import Dimensions
from mien.affect.distribution import Distribution
from mien.affect.space import SPACES, space
from mien.analysis.fusion.late import fuse
from mien.analysis.fusion.pool import weights_card
from mien.analysis.moments.span import Span
from mien.analysis.senses.evidence import Evidence

SPAN = Span(0.0, 2.0, "P1")
BASIC = SPACES["basic7"]


def heard(quality=0.8, **values):
    rest = 1 - sum(values.values())
    return Evidence("audio", SPAN, Distribution.of("basic7", {"neutral": rest, **values}), quality, "speech-3")


def seen(quality=0.8, **values):
    rest = 1 - sum(values.values())
    return Evidence("face", SPAN, Distribution.of("ferplus8", {"neutral": rest, **values}), quality, "face-3")


def written(quality=0.8, **values):
    return Evidence("text", SPAN, Distribution.of("goemotions28", values), quality, "text-2")


def test_voice_and_face_that_agree_are_surer_than_either():
    both = fuse(SPAN, [heard(anger=0.7), seen(anger=0.7)], BASIC)
    assert both.distribution.top == "anger"
    assert both.conflict.score < 0.1
    assert sum(both.weights) == pytest.approx(1, abs=1e-5)


def test_a_conflict_has_a_score_and_words():
    affect = fuse(SPAN, [heard(anger=0.9), seen(happiness=0.9)], BASIC)
    assert affect.conflict.score > 0.5
    assert affect.conflict.words == "voice: anger, face: happiness"
    assert affect.confidence < fuse(SPAN, [heard(anger=0.9), seen(anger=0.9)], BASIC).confidence


@given(st.floats(0.5, 1.0), st.floats(0.5, 1.0))
def test_no_answer_is_told_to_be_certain(sure, quality):
    both = [heard(quality, happiness=sure), seen(quality, happiness=sure)]
    assert fuse(SPAN, both, BASIC).confidence <= weights_card()["confidence"]["most"] < 0.995, "it would read 100 %"


def test_mosear_3_the_flag_says_whom_the_answer_follows():
    agree = fuse(SPAN, [heard(happiness=0.9), seen(happiness=0.9)], BASIC).conflict
    assert (agree.score, agree.words, agree.follows) == (0.0, "", "")
    for loud, clear, label, side in ((0.4, 0.9, "sadness", "face"), (0.9, 0.4, "anger", "voice")):
        affect = fuse(SPAN, [heard(loud, anger=0.97), seen(clear, sadness=0.97)], BASIC)
        assert affect.conflict.words == "voice: anger, face: sadness"
        assert (affect.distribution.top, affect.conflict.follows) == (label, side)


def test_a_calm_voice_beside_a_smile_is_half_a_conflict_at_most():
    assert fuse(SPAN, [heard(1.0), seen(1.0, happiness=1.0)], BASIC).conflict.score <= 0.5 + 1e-9


def test_a_missing_modality_is_left_out_and_never_filled():
    absent = Evidence("audio", SPAN, None, 0.0, "speech-3", insufficient="too short: 0.3 s of speech, 1 s needed")
    affect = fuse(SPAN, [absent, seen(happiness=0.9)], BASIC)
    assert affect.weights == (0.0, 1.0)
    alone = fuse(SPAN, [seen(happiness=0.9)], BASIC)
    assert affect.distribution == alone.distribution


def test_nothing_usable_is_not_enough_evidence_with_the_reasons():
    absent = Evidence("audio", SPAN, None, 0.0, "speech-3", insufficient="too short: 0.3 s of speech, 1 s needed")
    affect = fuse(SPAN, [absent, seen(0.01, anger=0.9)], BASIC)
    assert affect.distribution is None
    assert affect.confidence == 0
    assert affect.insufficient == (
        "not enough evidence (voice: too short: 0.3 s of speech, 1 s needed; face: quality 0.01 is too low)"
    )
    assert "nothing was heard, seen or read" in fuse(SPAN, [], BASIC).insufficient


def test_stress_stays_in_its_own_lane():
    stress = Evidence("signal", SPAN, Distribution.of("stress2", {"stress": 1}), 0.9, "stress-1")
    alone = fuse(SPAN, [stress], BASIC)
    assert alone.distribution is None
    assert "own lane" in alone.insufficient
    beside = fuse(SPAN, [heard(anger=0.9), stress], BASIC)
    assert beside.weights == (1.0, 0.0)
    assert beside.distribution == fuse(SPAN, [heard(anger=0.9)], BASIC).distribution


@pytest.mark.parametrize("name", ["basic", "compound", "sentiment"])
def test_every_space_of_the_command_line_sums_to_one(name):
    affect = fuse(SPAN, [heard(anger=0.6, surprise=0.3), seen(anger=0.5), written(annoyance=0.8)], space(name))
    assert affect.distribution.space == space(name)
    assert affect.distribution.values.sum() == pytest.approx(1)


def test_goemotions_come_from_words_alone():
    affect = fuse(SPAN, [heard(anger=0.9), written(gratitude=0.9)], space("goemotions"))
    assert affect.distribution.top == "gratitude"
    assert affect.weights == (0.0, 1.0)
    assert "only words do" in fuse(SPAN, [heard(anger=0.9)], space("goemotions")).insufficient


def test_valence_and_arousal_are_read_where_they_can_be_and_marked_derived_where_not():
    read = Evidence(
        "audio",
        SPAN,
        Distribution.of("basic7", {"anger": 1}),
        0.9,
        "speech-3",
        dimensions=Dimensions(-0.5, 0.9, None, ("valence",)),
    )
    affect = fuse(SPAN, [read], space("va"))
    assert affect.distribution is None
    assert affect.insufficient is None
    assert affect.dimensions.arousal == pytest.approx(0.9)
    assert affect.dimensions.derived == ("valence",)
    assert fuse(SPAN, [heard(anger=0.9)], space("va")).dimensions.derived == ("valence", "arousal", "dominance")


distributions = st.lists(st.floats(0.01, 1), min_size=7, max_size=7).map(lambda v: np.array(v) / sum(v))
evidences = st.lists(
    st.tuples(st.sampled_from(["audio", "face", "text"]), distributions, st.floats(0.15, 1)), min_size=1, max_size=5
)


@given(evidences, st.randoms(use_true_random=False))
def test_fusion_is_bounded_and_does_not_depend_on_the_order(parts, random):
    made = [Evidence(m, SPAN, Distribution(BASIC, v), q, "x") for m, v, q in parts]
    affect = fuse(SPAN, made, BASIC)
    shuffled = list(made)
    random.shuffle(shuffled)
    other = fuse(SPAN, shuffled, BASIC)
    assert np.allclose(affect.distribution.values, other.distribution.values, atol=1e-5)
    assert 0 <= affect.confidence <= 1
    assert 0 <= affect.conflict.score <= 1
    low = np.min([v for _, v, _ in parts], axis=0).min()
    assert affect.distribution.values.min() >= low / 7 - 1e-9
