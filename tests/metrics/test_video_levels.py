import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mien.errors import RequestError
from mien.metrics.transcript import clean_transcript
from mien.metrics.video import RULES, frame_labels, probabilities, video_label, video_labels

logits = arrays.arrays(np.float64, st.tuples(st.integers(1, 6), st.just(4)), elements=st.floats(-1e4, 1e4))
# Neighbouring floats have one probability: whole numbers within its reach tell the rules' choices apart.
whole = arrays.arrays(np.float64, st.tuples(st.integers(1, 6), st.just(4)), elements=st.integers(-15, 15).map(float))


@given(logits, st.floats(-500, 500))
def test_probabilities_are_stable_and_blind_to_a_shift(values, shift):
    found = probabilities(values)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(probabilities(values + shift), found, atol=1e-9)


@given(whole)
def test_one_frame_gives_the_same_label_by_every_rule(values):
    assert len({video_label(values[:1], rule=rule) for rule in RULES}) == 1


@given(logits)
def test_a_dropped_class_is_never_answered(values):
    videos = {"a": (0, values), "other": (3, values)}
    assert (frame_labels(videos, drop=3).prediction < 3).all()
    for rule in RULES:
        labels = video_labels(videos, rule=rule, drop=3)
        assert labels.items == ("a",)
        assert labels.prediction[0] < 3


def test_votes_are_tied_to_the_first_frame():
    frames = np.eye(4)[[2, 1, 1, 2]]
    assert video_label(frames) == 2
    assert video_label(frames[::-1]) == 2
    assert video_label(frames[[1, 0, 3, 2]]) == 1


def test_macro_f1_over_present_or_over_all_classes():
    labels = video_labels({"a": (0, [[1, 0, 0]]), "b": (1, [[0, 1, 0]])})
    assert labels.scores()["macro_f1"] == 1
    assert labels.scores(labels=(0, 1, 2))["macro_f1"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("videos", "drop", "words"),
    [
        ({"a": (7, [[1, 0]])}, None, "a: label 7"),
        ({"a": (1, [[1, 0]])}, 1, "none is left"),
        ({"a": (1, [[1, 0]])}, 5, "drop 5"),
        ({}, None, "none is left"),
    ],
)
def test_wrong_videos_are_named(videos, drop, words):
    with pytest.raises(RequestError, match=words):
        frame_labels(videos, drop=drop)


def test_an_unknown_rule_names_the_rules():
    with pytest.raises(RequestError, match="vote, logits, probabilities"):
        video_label([[1, 0]], rule="mean")


@given(st.text(alphabet="ab你好[]/", max_size=20))
def test_other_brackets_are_text_and_a_clean_text_stays(raw):
    once = clean_transcript(raw)
    assert all(0 <= start < end <= len(once.text) for start, end in once.overlaps)
    assert 0 <= once.overlap_share <= 1


pieces = st.lists(
    st.sampled_from(["[over/]", "[/over]", "[over]", "[[/over]", "[/over/]", "[Laughing]", "好", "ab", "，"]),
    max_size=14,
)


@given(pieces)
def test_marks_never_stay_in_the_text_and_words_are_never_lost(parts):
    found = clean_transcript("".join(parts))
    assert found.text == "".join(part for part in parts if "[" not in part)
    assert list(found.events) == ["laughing"] * parts.count("[Laughing]")
    assert list(found.overlaps) == sorted(found.overlaps)
