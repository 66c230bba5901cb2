"""Sentences made from data: what they say, and what they never say."""

import re

import makers
import pytest

from mien.analysis.report.notable import moments, notable
from mien.analysis.report.shares import covered, shares
from mien.analysis.report.stamp import length, stamp
from mien.analysis.report.terminal import summary
from mien.analysis.report.words import clash, describe, headline, sureness

FORBIDDEN = re.compile(r"\b(feels?|felt|really|lying|lies|honest|depress|patholog|diagnos|mental|mood|inside)\b", re.I)


@pytest.mark.parametrize("name", [name for name in makers.STATES if name != "hostile"])
def test_sentences_stay_with_what_could_be_observed(name: str) -> None:
    analysis = makers.STATES[name]()
    assert headline(analysis).endswith(".") and headline(analysis)[0].isupper()
    assert not FORBIDDEN.search(describe(analysis))


def test_the_headline_says_what_prevailed_and_where_to_look() -> None:
    line = headline(makers.interview())
    assert "neutral" in line and re.search(r"\d\d:\d\d", line)
    assert "the voice sounded like anger" in line and "the face showed happiness" in line


def test_a_conflict_through_the_whole_clip_is_said_as_such() -> None:
    assert "contradict each other most of the time" in headline(makers.conflict())


def test_no_answer_is_said_with_its_reason() -> None:
    assert headline(makers.nobody()) == "There is nothing to read: nobody was seen or heard."
    assert "too noisy" in headline(makers.insufficient())


def test_signals_alone_tell_stress_and_no_emotion() -> None:
    line = headline(makers.wearable())
    assert line.startswith("The signals looked like stress") and "no emotion" in line


def test_describe_gives_the_cues_of_the_clearest_moments_and_the_warnings() -> None:
    text = describe(makers.truncated())
    assert "semitones" in text and "Warning: the file ends in the middle of a frame" in text


def test_a_still_and_a_sentence_are_told_without_time() -> None:
    assert headline(makers.photo()).startswith("P1 showed happiness (right about ")
    assert headline(makers.sentence()).startswith("The text reads as sadness")
    assert "00:00" not in describe(makers.photo())


def test_moments_are_joined_few_and_in_time_order() -> None:
    analysis = makers.two_hours()
    found, few = moments(analysis), notable(analysis)
    assert len(few) == 12 < len(found)
    assert [one.start for one in few] == sorted(one.start for one in few)
    assert {one.kind for one in few} == {"peak", "conflict"}


def test_shares_add_up_and_lie_in_their_interval() -> None:
    ranked = shares(makers.interview().affects)
    assert sum(share.value for share in ranked) == pytest.approx(1)
    for share in ranked:
        assert share.low is not None and share.high is not None
        assert share.low <= share.value <= share.high
    assert all(share.low is None for share in shares(makers.photo().affects))
    assert shares(makers.insufficient().affects) == ()


def test_time_covered_counts_overlaps_once() -> None:
    assert covered([(0, 2), (1, 3), (5, 6), (5, 5.5)]) == 4
    assert covered([]) == 0


def test_time_as_people_read_it() -> None:
    assert stamp(134.4) == "02:14" and stamp(3734.25, decimals=1) == "1:02:14.2" and stamp(59.999) == "00:59"
    assert stamp(2.0, "lines") == "line 3"
    assert length(372.0) == "6 min 12 s" and length(7380.0) == "2 h 03 min" and length(4.24) == "4.2 s"
    assert length(None) == "" and length(1, "lines") == "1 line" and length(12, "lines") == "12 lines"


def test_words_of_a_conflict_that_are_not_understood_are_kept() -> None:
    assert clash("odd thing") == "odd thing"
    assert clash("voice: anger, face: joy") == "the voice sounded like anger and the face showed joy"


def test_sureness_never_promises_everything() -> None:
    assert sureness(1.0) == "right about 9 times in 10" and sureness(0.0) == "right about 1 time in 10"


def test_a_trained_system_is_told_in_words():
    text = summary(makers.guest())
    assert "[linear: boredom" in text and "[linear: too short: 0.4 s of speech, 0.6 s needed]" in text
    assert "Beside the answer, linear (trained on emodb, 312 samples, seed 0, without the text" in text
