"""The text sense: what it reads, what it refuses, and that its cues are true."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.analysis.media.recording import Caption, Recording
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span
from mien.analysis.senses.evidence import Evidence
from mien.analysis.senses.model import card
from mien.analysis.senses.text import TextSense, read_text
from mien.analysis.senses.textfeatures import Vocabulary, ngrams
from mien.analysis.senses.textlanguage import NAMES, code_of
from mien.analysis.senses.textmodels import text_models
from mien.analysis.senses.textwords import words as words_of

SHARED = Path(os.environ.get("MIEN_SHARED", Path(__file__).resolve().parents[4] / "shared"))
SENSE = TextSense()


def evidence(*lines: str | Caption, person: str | None = "P1", sense: TextSense = SENSE) -> list[Evidence]:
    """Evidence for one span per line of a transcript."""
    captions = [
        line if isinstance(line, Caption) else Caption(float(i), i + 1.0, line, speaker=person)
        for i, line in enumerate(lines)
    ]
    recording = Recording("test", "dialogue", float(len(lines)), (), source=None, clock="lines")  # type: ignore[arg-type]
    moments = Moments(recording, transcript=tuple(captions))
    return list(sense.read(moments, [Span(line.start, line.end, person) for line in captions]))


def one(text: str, **options: object) -> Evidence:
    """The only evidence of a single line."""
    found = evidence(text, **options)  # type: ignore[arg-type]
    assert len(found) == 1
    return found[0]


def cue(found: Evidence, name: str) -> object:
    """Value of the cue of that name."""
    return next(c.value for c in found.cues if c.name == name)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I am so happy today, this is wonderful!", "joy"),
        ("This makes me so angry, I hate these idiots.", "anger"),
        ("I am so sad, I cried all night.", "sadness"),
        ("I was terrified, it was a horrible scary night.", "fear"),
        ("Thank you so much, I really appreciate your help!", "gratitude"),
        ("I love you with all my heart.", "love"),
        ("Haha that is hilarious, lol", "amusement"),
        ("How does that work? Can you tell me more about it?", "curiosity"),
        ("I'm sorry, I apologize, I should not have done that.", "remorse"),
    ],
)
def test_english_says_the_obvious(text: str, label: str) -> None:
    found = one(text)
    assert cue(found, "language") == "eng"
    assert found.distribution is not None
    assert found.distribution.space.name == "goemotions28"
    assert found.distribution.top == label


@pytest.mark.parametrize(
    ("text", "code", "label"),
    [
        ("Ich bin so froh und glücklich, das ist wunderbar!", "deu", "joy"),
        ("Das ist eine Frechheit, diese Idioten machen mich wütend!", "deu", "anger"),
        ("Estoy muy feliz, te amo, qué alegría", "esp", "joy"),
        ("Estoy muy triste, no puedo dejar de llorar", "esp", "sadness"),
        ("Как грустно и печально, я плачу", "rus", "sadness"),
        ("Мне страшно, я боюсь темноты", "rus", "fear"),
        ("मैं बहुत खुश हूँ, आज का दिन बहुत अच्छा है", "hin", "joy"),
        ("मुझे बहुत डर लग रहा है", "hin", "fear"),
        ("今天真的太开心了，哈哈哈", "chn", "joy"),
        ("真恶心，垃圾，气死我了", "chn", "anger"),
    ],
)
def test_other_languages_say_the_obvious(text: str, code: str, label: str) -> None:
    found = one(text)
    assert cue(found, "language") == code
    assert found.distribution is not None
    assert found.distribution.space.name == "brighter6"
    assert found.distribution.top == label
    assert found.dimensions is not None
    assert set(found.dimensions.derived) >= {"valence", "arousal"}


def test_valence_orders_good_and_bad_news() -> None:
    good, bad = read_text(
        ["What a wonderful, beautiful day, I love it!", "He died in horrible pain and I hate it."]
    ).valence
    assert good > 0.1 > -0.1 > bad


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b \u00a0"])
def test_a_span_without_words_gives_no_evidence(text: str) -> None:
    assert evidence(text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("C'est une très belle journée et je suis content", "French"),
        ("To jest naprawdę bardzo piękny dzień, dziękuję", "Polish"),
        ("안녕하세요 만나서 정말 반갑습니다", "never trained"),
        ("வணக்கம் எப்படி இருக்கிறீர்கள்", "never trained"),
        ("สวัสดีครับ ยินดีที่ได้รู้จัก", "Thai"),
        ("Ya tak rada, chto ty nakonets priyekhal domoy", "Russian in Latin letters"),
        ("Meni duzhe sumno, ya ne znayu, shcho robyty dali", "Ukrainian in Latin letters"),
    ],
)
def test_an_untrained_language_is_refused_by_name(text: str, named: str) -> None:
    found = one(text)
    assert found.distribution is None
    assert found.quality == 0
    assert found.insufficient is not None
    assert named in found.insufficient
    assert "28 languages" in found.insufficient


def test_emoji_alone_are_read_with_little_quality() -> None:
    found = one("😂😂😂")
    assert found.distribution is not None
    assert found.distribution.top == "amusement"
    assert found.distribution["amusement"] > 5 * found.distribution["anger"]
    assert found.quality < 0.3


def test_a_line_of_a_megabyte_is_cut_and_says_so() -> None:
    found = one("I am happy. " * 90_000)
    assert found.distribution is not None
    assert cue(found, "read") == 20_000


@pytest.mark.parametrize("text", ["\ud800 I am happy \udfff", "I am happy \x00\x07", "I am\u202e happy \ufffd"])
def test_broken_text_is_still_read(text: str) -> None:
    found = one(text)
    assert found.distribution is not None
    assert found.distribution.top == "joy"


def test_mixed_scripts_answer_or_refuse_with_words() -> None:
    found = one("I am happy счастлив 高兴 खुश 😀")
    assert (found.distribution is None) == (found.insufficient is not None)


def test_a_transcript_helps_its_short_lines() -> None:
    lines = ["Ich habe das gestern schon gesagt, das ist nicht gut.", "Wir fahren morgen nach Hause.", "No."]
    assert [cue(e, "language") for e in evidence(*lines)] == ["deu", "deu", "deu"]


def test_a_stated_language_is_taken() -> None:
    assert cue(one("No.", sense=TextSense("es-MX")), "language") == "esp"
    stated = evidence(Caption(0, 1, "No.", speaker="P1", language="ru"))[0]
    assert cue(stated, "language") == "rus"
    assert read_text(["chat"], language="fr").language == ("fr",)
    assert [code_of(tag) for tag in ("en-US", "zh_Hans", "pt-MZ", "", None, "und")] == [
        "eng",
        "chn",
        "ptmz",
        None,
        None,
        None,
    ]


def test_only_the_lines_of_the_person_count() -> None:
    lines = (Caption(0, 2, "I am so happy!", "P1"), Caption(2, 4, "I am so angry!", "P2"))
    recording = Recording("test", "dialogue", 4.0, (), source=None)  # type: ignore[arg-type]
    spans = [Span(0, 2, "P1"), Span(0, 2, "P2"), Span(2, 4, "P2"), Span(2, 4, None)]
    found = list(SENSE.read(Moments(recording, transcript=lines), spans))
    assert [e.span for e in found] == [spans[0], spans[2]]
    assert [e.distribution.top for e in found if e.distribution] == ["joy", "anger"]


def test_readings_hold_the_six_and_say_what_is_not_trained() -> None:
    found = one("I am so happy today, this is wonderful!")
    assert [reading.space.name for reading in found.readings] == ["brighter6"]
    assert np.isnan(read_text(["I am so happy today"]).brighter[0, 1])
    afrikaans = one("Ek is baie bly, dit is 'n wonderlike dag en ons is almal gelukkig", sense=TextSense("af"))
    assert afrikaans.distribution is not None
    assert cue(afrikaans, "surprise not trained") == afrikaans.distribution["surprise"]


def test_quality_grows_with_words_and_sinks_with_the_recognisers_doubt() -> None:
    short, long = one("Happy."), one("I am really very happy about all of this today.")
    doubtful = evidence(Caption(0, 1, "I am really very happy about all of this today.", "P1", confidence=0.3))[0]
    assert short.quality < long.quality
    assert doubtful.quality == pytest.approx(0.3 * long.quality)


def test_moving_words_are_exact_removals() -> None:
    text = "The weather was dull but your present was absolutely amazing, thank you"
    found = one(text)
    words = [c for c in found.cues if c.name.startswith("word ")]
    assert 1 <= len(words) <= 3
    label = words[0].text.split(" by ")[0].split()[-1]
    position = card_labels().index(label)
    whole = read_text([text], "en").goemotions[0, position]
    for told in words:
        word = told.name.split('"')[1]
        rest = read_text([re.sub(rf"\b{word}\b", "", text)], "en").goemotions[0, position]
        assert told.value == pytest.approx(whole - rest, abs=2e-3)


def card_labels() -> tuple[str, ...]:
    """GoEmotions labels in order."""
    return SENSE.space.labels


def test_words_named_as_cause_matter_more_than_others() -> None:
    """Deleting the first named word lowers the answer more than deleting a random other word, on real comments."""
    path = SHARED / "data/goemotions/dev.parquet"
    if not path.exists():
        pytest.skip(f"needs {path}; set MIEN_SHARED to the folder that holds data/goemotions")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    texts = [t for t in pandas.read_parquet(path)["text"] if 5 <= len(t.split()) <= 14][:120]
    named, other = [], []
    for text, found in zip(texts, evidence(*texts, sense=TextSense("en")), strict=True):
        words = [c for c in found.cues if c.name.startswith("word ")]
        if not words or found.distribution is None:
            continue
        label = card_labels().index(words[0].text.split(" by ")[0].split()[-1])
        spans = words_of(text)
        chosen = words[0].name[6:-1]
        random = spans[int(rng.integers(len(spans)))]
        pair = [text.replace(chosen, " "), text[: random[0]] + text[random[1] :], text]
        without, less, whole = read_text(pair, "en").goemotions[:, label]
        named.append(abs(whole - without))
        other.append(abs(whole - less))
    assert len(named) > 60
    assert np.mean(named) > 2 * np.mean(other)


def test_equal_input_gives_equal_output() -> None:
    text = ["I don't know, maybe it's fine?", "Das ist gut.", "我很高兴"]
    first, second = read_text(text), read_text(text)
    assert np.array_equal(first.goemotions, second.goemotions, equal_nan=True)
    assert np.array_equal(first.brighter, second.brighter, equal_nan=True)
    alone = read_text(text[:1])
    assert np.array_equal(alone.goemotions[0], first.goemotions[0])
    assert one(text[0]).cues == one(text[0]).cues


@given(st.text(st.characters(), max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_probabilities_or_a_reason(text: str) -> None:
    for found in evidence(text):
        assert 0 <= found.quality <= 1
        assert (found.distribution is None) == (found.insufficient is not None)
        if found.distribution is not None:
            assert np.isfinite(found.distribution.values).all()
            assert found.dimensions is not None
    reading = read_text([text])
    for values in (reading.goemotions, reading.brighter):
        kept = values[~np.isnan(values)]
        assert ((kept >= 0) & (kept <= 1)).all()
    assert ((reading.certainty >= 0) & (reading.certainty <= 1)).all()


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=150, deadline=None)
def test_features_have_unit_length_or_are_empty(text: str) -> None:
    grams = ngrams(text)
    words = Vocabulary(np.unique(grams.all), np.ones(len(np.unique(grams.all)), np.float32))
    vector = words.vector(grams.all)
    assert vector.known in (0.0, 1.0)
    assert len(vector.rows) == 0 or np.linalg.norm(vector.values) == pytest.approx(1.0, abs=1e-4)


def test_card_and_weights_agree() -> None:
    models, facts = text_models(), card("text")
    assert set(models.sparse) == set(facts["brighter"]["languages"])
    assert set(models.sparse) < set(models.guesser.languages) <= set(NAMES)
    assert list(facts["goemotions"]["classes"]) == list(card_labels())
    assert facts["goemotions"]["test_macro_f1"] > 0.472
    assert facts["brighter"]["mean_macro_f1"] > 0.51
