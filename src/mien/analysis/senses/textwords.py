"""Which words moved the text model: leave one word out and ask again."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.textfeatures import LONGEST, Vector, ngrams, units
from mien.analysis.senses.textmodels import TextModels

MOST = 16
"""Words of a text that are left out in turn; in a longer text those with the largest linear share are."""

_LEAST = 0.01  # changes of probability below this are not told


@dataclass(frozen=True, slots=True)
class Removal:
    """The probability of one label, for texts in one language; English is asked in GoEmotions."""

    models: TextModels
    language: str
    label: int

    def vector(self, text: str) -> Vector:
        """The text as the model sees it."""
        model = self.models.student if self.language == "eng" else self.models.sparse[self.language]
        return model.vocabulary.vector(ngrams(text).all)

    def probability(self, text: str) -> float:
        """Probability of the label."""
        if self.language == "eng":
            return float(self.models.student.probabilities(self.vector(text))[self.label])
        return float(self.models.six(self.language, ngrams(text).all)[0][self.label])

    def shares(self, text: str, distinct: list[str]) -> NDArray[np.float64]:
        """Linear share of each word in the label's score, from the n-grams inside the word (len(distinct),)."""
        model = self.models.student if self.language == "eng" else self.models.sparse[self.language]
        vector = self.vector(text)
        parts = dict(zip(vector.rows.tolist(), model.contributions(vector, self.label).tolist(), strict=True))
        inside = {word: model.vocabulary.vector(ngrams(word).all).rows.tolist() for word in distinct}
        return np.array([sum(parts.get(row, 0.0) for row in inside[word]) for word in distinct])


def words(text: str) -> list[tuple[int, int]]:
    """Start and end of the words, without punctuation at their sides; a sign of an unspaced script is a word."""
    return [span for start, end in units(text) if (span := _bare(text, start, end))[0] < span[1]]


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and _is_mark(text[start]):
        start += 1
    while start < end and _is_mark(text[end - 1]):
        end -= 1
    return start, end


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PZC"


def movers(text: str, removal: Removal, most: int = 3) -> list[tuple[str, float]]:
    """Up to `most` words with the largest |change|: (word, probability with it minus probability without it).

    Every place of a word is left out together; exact for the words that are tried (at most `MOST`).
    """
    text = text[:LONGEST]
    spans = words(text)
    distinct = list(dict.fromkeys(text[start:end] for start, end in spans))
    if len(distinct) > MOST:
        best = np.argsort(-np.abs(removal.shares(text, distinct)), kind="stable")[:MOST]
        distinct = [distinct[i] for i in sorted(best)]
    whole = removal.probability(text)
    changes = [(word, whole - removal.probability(_without(text, spans, word))) for word in distinct]
    kept = [(word, change) for word, change in changes if abs(change) >= _LEAST]
    return sorted(kept, key=lambda pair: -abs(pair[1]))[:most]


def _without(text: str, spans: list[tuple[int, int]], word: str) -> str:
    kept, at = [], 0
    for start, end in spans:
        if text[start:end] == word:
            kept.append(text[at:start])
            at = end
    return "".join([*kept, text[at:]])
