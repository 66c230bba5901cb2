"""One label out of a free answer: word forms, negation, tags, Chinese; and the published readers beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.scoring.closed import (
    CLOSED_READERS,
    closed_reader,
    last_alphabetical,
    read_label,
    read_labels,
    reference_substring,
    whole_word,
)
from mien.scoring.tags import answer_part
from mien.scoring.wordforms import forms_of

DFEW = ("happy", "sad", "neutral", "angry", "surprise", "disgust", "fear")

# Thirty-three answers with what the default reader gives: a label, or why there is none.
THIRTY = [
    ("happy", "happy"),
    ("Surprised!", "surprise"),
    ("FEARFUL.", "fear"),
    ("He looks joyful", "happy"),
    ("unhappy", "none"),
    ("fearless", "none"),
    ("fear-free", "none"),
    ("not happy", "none"),
    ("not angry, fearful, or sad", "none"),
    ("neither happy nor sad", "none"),
    ("There is no sign of fear or anger; neutral", "neutral"),
    ("She isn't sad. She is angry.", "angry"),
    ("not only sad but sad", "sad"),
    ("no doubt happy", "happy"),
    ("anger rather than fear", "angry"),
    ("joy instead of sadness", "happy"),
    ("sad or angry", "ambiguous"),
    ("happy, sad, neutral, angry, surprise, disgust, fear", "ambiguous"),
    ("sad, sad, SAD", "sad"),
    ("[disgust]", "disgust"),
    ("_Sad_, I would say", "sad"),
    ("It is fear's face", "fear"),
    ("Feeling: 'angry'", "angry"),
    ("Answer: **fear**", "fear"),
    ("At first he seems sad. Final answer: happy", "happy"),
    ("<think>angry</think><answer>sad</answer>", "sad"),
    ("<think>angry, of course", "none"),
    ("<answer>neutral", "neutral"),
    ("", "none"),
    ("高兴", "happy"),
    ("他没有生气，很难过", "sad"),
    ("不高兴", "none"),
    ("I cannot tell from the video.", "none"),
]


@pytest.mark.parametrize(("answer", "expected"), THIRTY)
def test_default_reader(answer, expected):
    read = read_label(answer, DFEW)
    assert (read.label or read.status) == expected
    assert read.why


def test_readers_differ_on_all_of_them_as_documented():
    found = {name: [read(answer, DFEW).label for answer, _ in THIRTY] for name, read in CLOSED_READERS.items()}
    changed = {
        name: sum(one != other for one, other in zip(found["default"], labels, strict=True))
        for name, labels in found.items()
    }
    assert changed["default"] == 0
    assert changed["whole-word"] > 5
    assert changed["last-alphabetical"] > changed["whole-word"]
    assert all(label is not None for label in found["last-alphabetical"])


def test_published_rules_reward_everything_named():
    everything = ", ".join(DFEW)
    assert all(reference_substring(everything, DFEW, label).label == label for label in DFEW)
    assert last_alphabetical("", ("sad", "worried")).label == "worried"
    assert whole_word(everything, DFEW).status == "ambiguous"


def test_several_labels_are_all_read():
    assert read_labels("fear and sadness, no anger", DFEW).named == ("fear", "sad")


def test_spellings_of_the_set_are_kept():
    assert read_label("she is joyful", ("joy", "fear")).label == "joy"
    forms = forms_of(("happy", "joy"))
    assert forms["happy"] == "happy" and forms["joy"] == "joy" and "happiness" not in forms


def test_unknown_reader_lists_what_there_is():
    with pytest.raises(RequestError, match="default, whole-word, last-alphabetical, substring"):
        closed_reader("strict")


def test_last_answer_tag_counts():
    assert answer_part("<answer>a</answer> no, <answer>b</answer>")[0] == "b"
    assert answer_part("plain") == ("plain", "")


@given(st.text(max_size=200))
def test_no_text_breaks_a_reader(text):
    for name, read in CLOSED_READERS.items():
        found = read(text, DFEW)
        assert (found.label in DFEW) == (found.status == "ok"), name


@given(st.sampled_from(DFEW), st.sampled_from(["", " ", "\n", "  \t"]), st.booleans())
def test_case_and_blanks_do_not_matter(label, blank, upper):
    text = blank + (label.upper() if upper else label.title()) + blank
    assert read_label(text, DFEW).label == label


@given(st.permutations(DFEW))
def test_order_of_the_label_set_does_not_matter(labels):
    for answer, _ in THIRTY:
        assert read_label(answer, labels).label == read_label(answer, DFEW).label
