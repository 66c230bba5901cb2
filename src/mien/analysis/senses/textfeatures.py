"""N-grams of a text as 32-bit keys, and the TF-IDF vectors of them that both the recipe and the text sense use.

Words and single punctuation marks give 1- and 2-grams; every space-separated chunk, padded with spaces, gives character
n-grams of 1 to 5. The name of an n-gram is the CRC-32 of its UTF-8 bytes, started from another value for words than for
characters. A vector holds (1 + log count) * idf over the kept n-grams, with one L2 norm over words and characters.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LONGEST = 20_000
"""Characters of one text that are read; what lies behind is left out (the sense says so)."""

IDF_STEPS = 20
"""Inverse document frequencies are kept in one byte, as multiples of 1/20."""

_LONGEST_GRAM = 5
_WORD = re.compile(r"\w+|[^\w\s]")
_WORD_START = zlib.crc32(b"word")
_CHAR_START = zlib.crc32(b"char")
# Scripts written without spaces: here one character stands for one word wherever words are shown or counted.
_UNSPACED = r"\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Ngrams:
    """Keys of all n-grams of a text with repeats: `words` (1- and 2-grams) and `chars`, uint32 each."""

    words: NDArray[np.uint32]
    chars: NDArray[np.uint32]

    @property
    def all(self) -> NDArray[np.uint32]:
        """Words and characters in one array."""
        return np.concatenate([self.words, self.chars])


@dataclass(frozen=True, slots=True)
class Vector:
    """One sparse row: `rows` of the vocabulary (sorted), their `values` (unit length unless empty), `known` share.

    `known` is the share of the text's distinct n-grams that the vocabulary holds, in [0, 1].
    """

    rows: NDArray[np.int64]
    values: NDArray[np.float32]
    known: float


def normalised(text: str) -> str:
    """Lower-case NFC text with plain apostrophes, cut at `LONGEST` characters; lone surrogates become U+FFFD."""
    text = text[:LONGEST].replace("\u2019", "'").lower()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return text


def units(text: str) -> list[tuple[int, int]]:
    """Start and end of what a person would call the words: space-separated, or one character where no spaces are."""
    return [match.span() for match in _UNIT.finditer(text)]


def ngrams(text: str) -> Ngrams:
    """All n-grams of a text, any Unicode, at most its first `LONGEST` characters."""
    plain = normalised(text)
    chars: list[int] = []
    for chunk in plain.split():
        chars.extend(_chunk_keys(chunk) if len(chunk) <= 32 else _char_keys(chunk))
    return Ngrams(np.array(_word_keys(plain), np.uint32), np.array(chars, np.uint32))


def _word_keys(plain: str) -> list[int]:
    names = [token.encode() for token in _WORD.findall(plain)]
    keys = [zlib.crc32(name, _WORD_START) for name in names]
    # CRC runs on: the key of "a b" starts from the key of "a".
    keys += [zlib.crc32(b" " + after, key) for key, after in zip(keys, names[1:], strict=False)]
    return keys


def _char_keys(chunk: str) -> list[int]:
    padded = f" {chunk} "
    longest = min(_LONGEST_GRAM, len(padded))
    grams = [padded[i : i + n] for n in range(1, longest + 1) for i in range(len(padded) - n + 1)]
    return [zlib.crc32(gram.encode(), _CHAR_START) for gram in grams]


@lru_cache(maxsize=16_384)
def _chunk_keys(chunk: str) -> tuple[int, ...]:
    return tuple(_char_keys(chunk))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The n-grams kept at training: sorted distinct `keys` (n,) uint32 and their `idf` (n,) float32."""

    keys: NDArray[np.uint32]
    idf: NDArray[np.float32]

    def vector(self, keys: NDArray[np.uint32]) -> Vector:
        """TF-IDF row of n-gram keys (repeats counted); n-grams that were not kept are dropped."""
        found, counts = np.unique(keys, return_counts=True)
        if not len(found) or not len(self.keys):
            return Vector(np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0)
        rows = np.minimum(np.searchsorted(self.keys, found), len(self.keys) - 1)
        kept = self.keys[rows] == found
        rows = rows[kept]
        values = (1 + np.log(counts[kept].astype(np.float32))) * self.idf[rows]
        length = float(np.sqrt(values @ values))
        return Vector(rows, values / length if length else values, float(kept.mean()))
