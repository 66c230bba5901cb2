"""Labels out of free text: lists, sentences, negation, tags, other scripts; and nothing a text can do to the reader."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.scoring.answers import READERS, lexicon_extract, read_answer, read_official, reader
from mien.scoring.lists import bracketed_list, looks_like_list, tolerant_groups, tolerant_list
from mien.scoring.numbers import first_number, marked_score

SENTENCES = [
    ("He is not only happy but also proud.", {"happy", "proud"}),
    ("no anger, fear, or disgust; sad", {"sad"}),
    ("She cannot hide her sadness.", {"sadness"}),
    ("He does not look at the camera and seems sad.", {"sad"}),
    ("neither happy nor sad", set()),
    ("without any fear and anger, she is calm", {"calm"}),
    ("He looks sad, not angry, and worried.", {"sad", "worried"}),
    ("There's no doubt that he is furious.", {"furious"}),
    ("She isn't angry; she is worried.", {"worried"}),
    ("unhappy", {"unhappy"}),
    ("A fearless man.", {"fearless"}),
    ('She said "I am so happy for you today", but she looks hurt.', {"hurt"}),
    ("The person opens the door, faces the camera and moves on.", set()),
    ("他不高兴，但是很平静。", {"unhappy", "calm"}),
    ("他并不生气，只是有点担心", {"worried"}),
    ("<think>maybe angry</think><answer>He is sad</answer>", {"sad"}),
    ("<think>angry, I think", set()),
    ("The emotions are: [sad, worried], as he is angry.", {"sad", "worried"}),
    ("I am unable to tell.", set()),
    ("unable to tell", set()),
    ("none", set()),
    ("self conscious and let-down, really.", {"self-conscious", "let down"}),
    ("SAD AND WORRIED.", {"sad", "worried"}),
    ("The content of the video is serious.", set()),
    ("She feels content.", {"content"}),
    ("Instead of joy there is grief.", {"grief"}),
    ("I would not say she is angry, far from happy though.", set()),
    ("There is nothing sad about it, nothing but joy.", {"joy"}),
    ("A happy-looking man with a non-threatening smile.", {"happy"}),
    ("not without fear", {"fear"}),
    ("I don't believe that he is sad; he is bored.", {"bored"}),
    ("Rather than angry, he seems disappointed.", {"disappointed"}),
]


@pytest.mark.parametrize(("text", "labels"), SENTENCES)
def test_what_a_sentence_names(text, labels):
    assert set(read_answer(text).labels) == labels


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("[Happy, Sad ].", ["happy", "sad"]),
        ('["self-conscious", "let down"]', ["self-conscious", "let down"]),
        ("['can't wait', happy]", ["can't wait", "happy"]),
        ("[happy；sad、angry]", ["happy", "sad", "angry"]),
        ("Emotions: happy / sad", ["happy", "sad"]),
        ("- happy\n- sad", ["happy", "sad"]),
        ("[高兴, 紧张]", ["happy", "nervous"]),
        (["Happy", "happy", None], ["happy"]),
        ("[not happy, very sad]", ["sad"]),
        ("[happy", ["happy"]),
        ("[]", []),
        (None, []),
        (float("nan"), []),
        ("", []),
        ("[xyz]", ["xyz"]),
    ],
)
def test_what_a_list_names(value, labels):
    found = read_answer(value)
    assert list(found.labels) == labels
    assert found.status == ("ok" if labels else "none")


def test_every_decision_is_told():
    why = read_answer("He is not happy, he is sad.", True).why
    assert any("'happy' dropped: negated by 'not'" in line for line in why)
    assert any("'sad' kept" in line for line in why)


def test_published_readers_keep_their_quirks_and_do_not_raise():
    assert read_official("[happy, sad].").labels == ("happy", "sad].")
    stopped = read_official("[")
    assert stopped.status == "none" and "IndexError" in stopped.why[0]
    assert reader("substring")("She is unhappy", False).labels == ("happy",)
    with pytest.raises(RequestError, match="allowed: lexicon"):
        reader("gpt")


def test_extract_reads_many_at_once():
    assert lexicon_extract(["happy", "not happy"]) == [("happy",), ()]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.lists(st.text(max_size=10), max_size=5))
def test_no_text_stops_any_reader(value):
    for read in READERS.values():
        found = read(value, True)
        assert all(isinstance(label, str) for label in found.labels)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["happy", "sad", "let down", "self-conscious"]), min_size=1, unique=True))
def test_all_spellings_of_a_list_are_one(labels):
    spelt = [f"[{', '.join(labels)}]", str(labels), ", ".join(labels), "; ".join(labels).upper(), "\n".join(labels)]
    assert {tuple(read_answer(text).labels) for text in spelt} == {tuple(labels)}
    assert all(looks_like_list(text) for text in spelt)


def test_long_answers_do_not_hang():
    for text in (
        "no " * 50_000,
        "happy, " * 50_000,
        '"' * 100_000,
        "[" * 50_000,
        "不" * 50_000 + "高兴",
        "a-" * 50_000,
    ):
        read_answer(text)
        bracketed_list(text), tolerant_list(text)


def test_groups_however_they_are_written():
    wanted = [["happy", "joyful"], ["sad"]]
    for text in ("[['happy','joyful'],['sad']]", "[[happy, joyful], [sad]]", "happy, joyful\nsad"):
        assert tolerant_groups(text) == wanted


@pytest.mark.parametrize(
    ("reply", "published", "sound"),
    [
        ("得分范围1-10，预测分数：7", 1.0, 7.0),
        ("8/10", 8.0, 8.0),
        ("Score: 9.25 because 2 of 3 clues agree", 9.25, 9.25),
        ("2个情感一致，分数：6", 2.0, 6.0),
        ("'预测分数'：8；'原因'：重叠", 8.0, 8.0),
        ("100", 100.0, None),
        ("分数:-3", 3.0, None),
        ("between 3 and 5 of them, I cannot say: 4 or 6", 3.0, None),
    ],
)
def test_scores_in_replies(reply, published, sound):
    assert first_number(reply) == published
    assert marked_score(reply) == sound


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_the_sound_score_reader_never_raises(reply):
    value = marked_score(reply)
    assert value is None or 1 <= value <= 10
