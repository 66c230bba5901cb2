"""Expressions typical of some texts: words, emoji and phrases of any language, counted by text.

>>> texts = ["so tired again", "so happy", "tired, so tired", "all is well", "a sunny day"]
>>> corpus = Corpus(texts, min_texts=2)
>>> [found.text for found in corpus.typical([True, False, True, False, False], least=0.0)]
['so tired']
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.scoring.association import STATISTICS, Associations, associations, benjamini_hochberg

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGZHOU", "THAI", "LAO ", "KHMER", "MYANMAR", "TIBETAN", "BOPOMOFO")
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression and how strongly it goes with the detected texts.

    detected, rest: texts that hold it, of the detected and of the rest; writers: distinct writers of the former, None
    where writers are not known; q: z's two-sided p after Benjamini-Hochberg; the others as in `Associations`.
    """

    text: str
    detected: int
    rest: int
    writers: int | None
    z: float
    q: float
    log_odds: float
    g2: float
    chi2: float
    ratio: float
    pmi: float


class Corpus:
    """Texts with their expressions, read once; asked for any group of them.

    texts: (n,); writers: (n,) who wrote each, or None; grams: the longest phrase in words (in scripts without
    spaces: in characters); min_texts: expressions in fewer texts are not kept.
    """

    def __init__(
        self, texts: Sequence[str], writers: Sequence[Any] | None = None, *, grams: int = 3, min_texts: int = 5
    ) -> None:
        if not 1 <= grams <= 5 or min_texts < 1:
            raise RequestError(f"grams {grams}, min_texts {min_texts}: allowed are 1 to 5, and 1 or more")
        if writers is not None and len(writers) != len(texts):
            raise RequestError(f"texts has {len(texts)} items, writers {len(writers)}; they must agree")
        seen = Counter(chain.from_iterable(expressions(text, grams) for text in texts))
        self.words = sorted(word for word, count in seen.items() if count >= min_texts)
        self._size = len(texts)
        place = {word: at for at, word in enumerate(self.words)}
        found = [[place[word] for word in expressions(text, grams) if word in place] for text in texts]
        self._word = np.fromiter(chain.from_iterable(found), dtype=np.int64)
        self._text = np.repeat(np.arange(len(texts)), [len(one) for one in found])
        self._writer = (
            None if writers is None else np.unique(np.asarray(list(map(str, writers))), return_inverse=True)[1]
        )

    def typical(
        self, detected: Any, *, by: str = "z", least: float = 1.96, min_writers: int = 3, limit: int | None = None
    ) -> tuple[Expression, ...]:
        """Expressions of the detected texts, the most typical first.

        detected: (n,) True for a text of the group; by: one of `STATISTICS`; least: z that an expression must reach;
        min_writers: fewer distinct writers in the group are a pet phrase, not an expression (only where writers are
        known); limit: how many at most. Of phrases that stand in the same texts only the longest is told. Empty where
        the group or its rest is empty.
        """
        if by not in STATISTICS:
            raise RequestError(f"by {by!r}; allowed: {', '.join(STATISTICS)}")
        chosen = np.asarray(detected, dtype=bool)
        if chosen.shape != (self._size,):
            raise RequestError(f"detected has the shape {chosen.shape}; one truth value for each of {self._size} texts")
        inside = chosen[self._text]
        size = len(self.words)
        y1 = np.bincount(self._word[inside], minlength=size)
        y2 = np.bincount(self._word[~inside], minlength=size)
        if not y1.sum() or not y2.sum():
            return ()
        numbers = associations(y1, y2)
        adjusted = benjamini_hochberg(numbers.p())
        writers = self._writers(inside)
        kept = numbers.z >= least
        if writers is not None:
            kept &= writers >= min_writers
        order = [at for at in np.argsort(-getattr(numbers, by), kind="stable") if kept[at]]
        told = _longest_of_twins([(self.words[at], int(y1[at]), int(y2[at]), int(at)) for at in order])
        return tuple(
            self._told(at, y1, y2, writers, numbers, adjusted) for at in (told if limit is None else told[:limit])
        )

    def _writers(self, inside: NDArray[np.bool_]) -> NDArray[np.int64] | None:
        """Distinct writers of each word within the group."""
        if self._writer is None:
            return None
        people = int(self._writer.max()) + 1
        pairs = np.unique(self._word[inside] * people + self._writer[self._text[inside]])
        return np.bincount(pairs // people, minlength=len(self.words))

    def _told(
        self, at: int, y1: NDArray[np.int64], y2: NDArray[np.int64], writers: NDArray[np.int64] | None,
        numbers: Associations, adjusted: NDArray[np.float64],
    ) -> Expression:  # fmt: skip
        return Expression(
            self.words[at], int(y1[at]), int(y2[at]), None if writers is None else int(writers[at]),
            float(numbers.z[at]), float(adjusted[at]), float(numbers.log_odds[at]), float(numbers.g2[at]),
            float(numbers.chi2[at]), float(numbers.ratio[at]), float(numbers.pmi[at]),
        )  # fmt: skip


def expressions(text: str, grams: int = 3) -> Iterator[str]:
    """Each expression of a text once: words and phrases up to `grams` words, emoji, runs of characters up to `grams`
    where a script has no spaces. Case is folded, phrases do not cross punctuation.

    >>> sorted(expressions("So tired!", 2)), sorted(expressions("眠い。", 2))
    (['so', 'so tired', 'tired'], ['い', '眠', '眠い'])
    """
    found: dict[str, None] = {}
    for glue, units in _runs(text):
        for length in range(1, min(grams, len(units)) + 1):
            for start in range(len(units) - length + 1):
                found[glue.join(units[start : start + length])] = None
    yield from found


def _runs(text: str) -> Iterator[tuple[str, list[str]]]:
    """(what joins its units, units) of each stretch without punctuation: words, or the characters of unspaced text."""
    words: list[str] = []
    signs: list[str] = []
    word = ""
    for sign in chain(unicodedata.normalize("NFKC", text).casefold(), "."):
        kind = _kind(sign)
        if kind != "unspaced" and not (kind == "mark" and signs and not word) and signs:
            yield "", signs
            signs = []
        if kind == "letter" or (kind in ("mark", "join") and word):
            word += sign
            continue
        if word:
            words.append(word.rstrip("'’-")[:_LONGEST])
            word = ""
        if kind == "unspaced":
            signs.append(sign)
        elif kind == "mark" and signs:
            signs[-1] += sign
        if kind != "space" and words:
            yield " ", words
            words = []
        if kind == "emoji":
            yield "", [sign]


@cache
def _kind(sign: str) -> str:
    """letter, mark (belongs to the letter before), join (inside a word), unspaced, emoji, space or stop."""
    category = unicodedata.category(sign)
    if category[0] == "M" or sign in "\u200c\u200d":
        return "mark"
    if category[0] in "LN":
        name = unicodedata.name(sign, "")
        return "unspaced" if category[0] == "L" and name.startswith(_UNSPACED) else "letter"
    if sign in "'’-":
        return "join"
    if category == "So":
        return "emoji"
    return "space" if sign.isspace() else "stop"


def _longest_of_twins(ranked: Iterable[tuple[str, int, int, int]]) -> list[int]:
    """Places of the expressions, without those that are part of another one in the same number of texts."""
    by_counts: dict[tuple[int, int], list[str]] = {}
    ranked = list(ranked)
    for word, first, second, _ in ranked:
        by_counts.setdefault((first, second), []).append(word)
    return [
        at
        for word, first, second, at in ranked
        if not any(word != other and word in other for other in by_counts[first, second])
    ]
