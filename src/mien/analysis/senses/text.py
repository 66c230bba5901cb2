"""The text sense: what is said. English in the 28 GoEmotions labels, 27 more languages in BRIGHTER's six."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.affect.dimensions import Dimensions, derive
from mien.affect.distribution import Distribution
from mien.affect.space import Space, space
from mien.analysis.media.recording import Caption
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span
from mien.analysis.senses.evidence import Cue, Evidence
from mien.analysis.senses.lines import Lines
from mien.analysis.senses.model import card
from mien.analysis.senses.textfeatures import LONGEST, ngrams
from mien.analysis.senses.textlanguage import NAMES, Language, code_of, has_letters, prior, recognise
from mien.analysis.senses.textmodels import TextModels, text_models
from mien.analysis.senses.textwords import Removal, movers, words

ENGLISH = "eng"
LEAST_CERTAIN = 0.4
"""Below this certainty of the language nothing is read."""


@dataclass(frozen=True, slots=True, eq=False)
class TextReading:
    """What `read_text` found in n texts.

    goemotions (n, 28), NaN where the text is not English; brighter (n, 6), NaN where the language lacks a class or is
    not read at all: calibrated independent probabilities; valence, arousal (n,) in [-1, 1], NaN where not read;
    language: codes, None where unknown; certainty (n,) of the language; known (n,): share of n-grams the model knows.
    """

    goemotions: NDArray[np.float64]
    brighter: NDArray[np.float64]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]
    language: tuple[str | None, ...]
    certainty: NDArray[np.float64]
    known: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One text: probabilities (NaN where lacking), share of known n-grams; `rated`: (valence, arousal, dominance)."""

    goemotions: NDArray[np.float64] | None
    brighter: NDArray[np.float64]
    known: float
    rated: NDArray[np.float64] | None = None

    @property
    def dimensions(self) -> Dimensions:
        """Read where a model was trained for it (English), else derived from the categories and marked so."""
        if self.rated is not None:
            valence, arousal, dominance = (float(value) for value in self.rated)
            return Dimensions(valence, arousal, dominance, source_range=(1.0, 5.0))
        if self.goemotions is not None:
            return derive(Distribution.of("goemotions28", self.goemotions).to("basic7"))
        return derive(Distribution.of("brighter6", _filled(self)[0]).to("basic7"))


def read_text(texts: Sequence[str], language: str | None = None) -> TextReading:
    """Emotions, valence and arousal of single texts; `language` (any ISO code) saves guessing it from each text."""
    models = text_models()
    stated, flat = code_of(language), prior(models.guesser, "")
    known_languages = [Language(stated, 1.0, True) if stated else recognise(models.guesser, t, flat) for t in texts]
    answers = [_answer(models, text, found) for text, found in zip(texts, known_languages, strict=True)]
    goemotions, brighter = np.full((len(texts), 28), np.nan), np.full((len(texts), 6), np.nan)
    dimensions, known = np.full((len(texts), 2), np.nan), np.zeros(len(texts))
    for row, answer in enumerate(answers):
        if answer is None:
            continue
        brighter[row], known[row] = answer.brighter, answer.known
        point = answer.dimensions
        dimensions[row] = point.valence, point.arousal
        if answer.goemotions is not None:
            goemotions[row] = answer.goemotions
    certainty = np.array([found.certainty for found in known_languages], np.float64)
    codes = tuple(found.code for found in known_languages)
    return TextReading(goemotions, brighter, dimensions[:, 0], dimensions[:, 1], codes, certainty, known)


def _answer(models: TextModels, text: str, language: Language) -> Answer | None:
    """None where the language is not read, is too uncertain, or no n-gram of the text is known."""
    code = language.code or ""
    if code not in models.sparse or language.certainty < LEAST_CERTAIN:
        return None
    keys = ngrams(text).all
    if code != ENGLISH:
        brighter, vector = models.six(code, keys)
        return Answer(None, brighter, vector.known) if len(vector.rows) else None
    wide = models.student.vocabulary.vector(keys)
    if not len(wide.rows):
        return None
    brighter, _ = models.six(code, keys, wide)
    rated = models.affective.read(models.student, wide) if models.affective else None
    return Answer(models.student.probabilities(wide), brighter, wide.known, rated)


def _filled(answer: Answer) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """A distribution needs every class: English takes disgust, which BRIGHTER lacks there, from GoEmotions; elsewhere
    a lacking class takes its mean rate over all languages, and is named.
    """
    labels, lacking = space("brighter6").labels, np.isnan(answer.brighter)
    if answer.goemotions is not None:
        wide = space("goemotions28")
        other = np.array([answer.goemotions[wide.index(label)] for label in labels])
        return np.where(lacking, other, answer.brighter), ()
    rates = np.array([card("text")["brighter_rates"][label] for label in labels])
    return np.where(lacking, rates, answer.brighter), tuple(np.array(labels)[lacking].tolist())


class TextSense:
    """Reads the words of each span's person: GoEmotions for English, BRIGHTER's six otherwise, never a guess blindly.

    language: the recording's language if known (any ISO code); else what a line states, else it is recognised.
    """

    model = "text-2"

    def __init__(self, language: str | None = None) -> None:
        self._language = code_of(language)

    @property
    def modalities(self) -> frozenset[str]:
        """Only text."""
        return frozenset({"text"})

    @property
    def space(self) -> Space:
        """The primary space for English; other languages answer in `brighter6`."""
        return space("goemotions28")

    def read(self, moments: Moments, spans: Sequence[Span]) -> Iterator[Evidence]:
        """One Evidence for every span whose person says or writes something in it."""
        lines = Lines(moments.transcript)
        before = prior(text_models().guesser, lines.sample)
        for span in spans:
            found = lines.of(span)
            text = " ".join(line.text.strip() for line in found if line.text.strip())
            if any(sign.isprintable() and not sign.isspace() for sign in text):
                yield self._evidence(span, text, found, before)

    def _evidence(self, span: Span, text: str, lines: Sequence[Caption], before: NDArray[np.float64]) -> Evidence:
        language = self._spoken(text, lines, before)
        count = len(words(text[:LONGEST]))
        cues = [_language_cue(language), Cue("words", count, "words", f"{count} words" if count != 1 else "1 word")]
        if len(text) > LONGEST:
            cues.append(Cue("read", LONGEST, "characters", f"the first {LONGEST} of {len(text)} characters were read"))
        answer = _answer(text_models(), text, language)
        if answer is None:
            why = self._why(text, language)
            return Evidence("text", span, None, 0.0, self.model, cues=tuple(cues), insufficient=why)
        brighter, lacking = _filled(answer)
        six = Distribution.of("brighter6", brighter)
        primary = six if answer.goemotions is None else Distribution.of("goemotions28", answer.goemotions)
        cues += _named(primary, language) + self._moved(text, language, primary)
        cues += [
            Cue(
                f"{label} not trained",
                float(six[label]),
                "probability",
                f"{language.name} has no data for {label}: a mean rate stands in",
            )
            for label in lacking
        ]
        readings = () if answer.goemotions is None else (six,)
        quality = _quality(answer, language, count, lines) * _chance((primary, *readings))
        return Evidence("text", span, primary, quality, self.model, readings, answer.dimensions, tuple(cues))

    def _spoken(self, text: str, lines: Sequence[Caption], before: NDArray[np.float64]) -> Language:
        stated = self._language or next((code for line in lines if (code := code_of(line.language))), None)
        if stated:
            return Language(stated, 1.0, True)
        language = recognise(text_models().guesser, text, before)
        if language.code is None and not has_letters(text):
            return Language(ENGLISH, LEAST_CERTAIN)  # emoji and the like: the widest model has seen most of them
        return language

    def _why(self, text: str, language: Language) -> str:
        if language.code is None:
            return "the script or language was never trained; 28 languages are read, see the card of text-2"
        if language.code not in text_models().sparse:
            return f"{language.name} is not read; 28 languages are, see the card of text-2"
        if language.certainty < LEAST_CERTAIN:
            guess = f"perhaps {language.name}, certainty {language.certainty:.2f}"
            return f"language unclear ({guess}): state it in the transcript"
        return "no words that the model knows"

    def _moved(self, text: str, language: Language, primary: Distribution) -> list[Cue]:
        label = _leading(primary, language)
        removal = Removal(text_models(), language.code or ENGLISH, primary.space.index(label))
        return [
            Cue(
                f'word "{word}"',
                round(change, 4),
                "probability",
                f'"{word}" {"raised" if change > 0 else "lowered"} {label} by {abs(change):.2f}',
            )
            for word, change in movers(text, removal)
        ]


def _language_cue(language: Language) -> Cue:
    how = "stated" if language.stated else f"recognised, certainty {language.certainty:.2f}"
    return Cue("language", language.code or "und", "", f"language: {language.name} ({how})")


def _thresholds(name: str, language: Language) -> dict[str, float]:
    cards = card("text")
    classes = cards["goemotions"] if name == "goemotions28" else cards["brighter"]["languages"][language.code]
    return {label: facts["threshold"] for label, facts in classes["classes"].items()}


def _leading(primary: Distribution, language: Language) -> str:
    """The emotion to explain: the one furthest above its threshold, else the most probable label."""
    cuts = _thresholds(primary.space.name, language)
    ratios = {label: primary[label] / cut for label, cut in cuts.items() if label != "neutral"}
    best = max(ratios, key=lambda label: ratios[label])
    return best if ratios[best] >= 1 else primary.top


def _named(primary: Distribution, language: Language) -> list[Cue]:
    cuts = _thresholds(primary.space.name, language)
    named = sorted((label for label, cut in cuts.items() if primary[label] >= cut), key=lambda label: -primary[label])
    if not named:
        return []
    told = ", ".join(f"{label} {primary[label]:.2f}" for label in named)
    return [Cue("named", ", ".join(named), "", f"above their thresholds: {told}")]


def _quality(answer: Answer, language: Language, count: int, lines: Sequence[Caption]) -> float:
    """Product of: length n / (n + .5), known n-grams (half is enough), language certainty, the recogniser's own
    confidence, and how well the language is read at all (its macro F1 on BRIGHTER dev over .6). Length weighs little:
    on GoEmotions dev short comments were read no worse than long ones.
    """
    reach = card("text")["brighter"]["languages"][language.code]["macro_f1"] / 0.6
    heard = [line.confidence for line in lines if line.confidence is not None]
    confidence = float(np.mean(heard)) if heard else 1.0
    parts = (count / (count + 0.5), answer.known / 0.5, language.certainty, confidence, reach)
    return float(np.prod([min(1.0, max(0.0, part)) for part in parts]))


def _chance(answers: Sequence[Distribution]) -> float:
    """Chance in [0, 1] that the leading basic emotion is right: the mean of the answers in basic7, at its top.

    It holds as it stands on words of another kind (MELD dev: mean .41, right .41) and is too modest on comments like
    the training ones (GoEmotions dev: .40, right .54); `recipes/fusion/confidence.py` prints both.
    """
    return float(np.mean([answer.to("basic7").values for answer in answers], axis=0).max())


__all__ = ["NAMES", "TextReading", "TextSense", "read_text"]
