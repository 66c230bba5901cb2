"""Finding words of a table in running text, and telling which of them a negation takes back (English and Chinese)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_NEGATIONS = (
    *("not", "no", "never", "neither", "nor", "without", "hardly", "barely", "cannot", "isnt", "wasnt", "non"),
    *("lack", "lacks", "lacking", "absence"),
)
_BREAKS = frozenset(
    ("but", "however", "yet", "although", "though", "instead", "rather", "so", "because", "while", "whereas", "and")
)
_JOINS = frozenset((",", "or", "nor", "，", "、"))
_STOPS = frozenset(".!?;:\n。！？；：")
_REACH = 5  # words between a negation and what it takes back: "no sign of fear"
_CHINESE = ("没有", "并非", "不是", "不太", "不", "没", "无", "非", "未")
_WORD = re.compile(r"[^\W\d_\u4e00-\u9fff]+(?:'[^\W\d_\u4e00-\u9fff]+)*(?:-(?:less|free)(?!\w))?")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the table found in a text.

    label: what the word stands for; word: as found, in lower case; negation: the word that takes it back, "" where none
    does.
    """

    label: str
    word: str
    negation: str = ""


def find_hits(text: str, forms: Mapping[str, str]) -> list[Hit]:
    """Every word or phrase of `forms` (lower case -> label) in the text, whole words only, with what negates it.

    A negation reaches five words forward in its clause and along a list that ends in "or" or "nor"; two negations
    cancel out. "not only", "no doubt" and "not just" are none. In Chinese the characters right before the word count.
    """
    low = text.lower().replace("’", "'")
    tokens = [(found.group(), found.start()) for found in _pattern(frozenset(forms)).finditer(low)]
    words = [word.removesuffix("'s") for word, _ in tokens]
    places = [place for place, word in enumerate(words) if word in forms]
    negations = [_negation(words, place, low, tokens[place][1]) for place in places]
    _carry(words, places, negations)
    return [Hit(forms[words[place]], words[place], why) for place, why in zip(places, negations, strict=True)]


@lru_cache(maxsize=256)
def _pattern(forms: frozenset[str]) -> re.Pattern[str]:
    """Tokens: phrases of the table (longest first), words, the table's Chinese words, single characters, marks.

    Single words need no entry of their own: they are looked up afterwards, which keeps the pattern short and fast.
    """
    long = sorted(forms, key=lambda form: (-len(form), form))
    phrases = [
        rf"(?<!\w){re.escape(form)}(?!\w)" for form in long if not _WORD.fullmatch(form) and not _HAN.search(form)
    ]
    chinese = [re.escape(form) for form in long if _HAN.search(form)]
    return re.compile("|".join([*phrases, _WORD.pattern, *chinese, "[\u4e00-\u9fff]", r"[.,!?;:\n，、。！？；：]"]))


def _negation(words: list[str], place: int, text: str, start: int) -> str:
    if _HAN.search(words[place]):
        before = text[max(0, start - 2) : start]
        return next((mark for mark in _CHINESE if before.endswith(mark)), "")
    found = []
    for back in range(place - 1, max(-1, place - 1 - _REACH), -1):
        word = words[back]
        if _negates(word, words[back + 1]):
            found.append(word)
            if word in ("nor", "rather", "instead"):
                break
        elif word in _STOPS or word in _BREAKS or word in _JOINS - {"or"}:
            break
    return found[0] if len(found) % 2 else ""


def _negates(word: str, following: str) -> bool:
    if word == "not":
        return following not in ("only", "just", "merely")
    if word == "no":
        return following not in ("doubt", "wonder")
    return word in _NEGATIONS or word.endswith("n't") or (word, following) in (("rather", "than"), ("instead", "of"))


def _carry(words: list[str], places: list[int], negations: list[str]) -> None:
    """Along "not angry, fearful or sad" the negation of the first word takes back the others too."""
    first = 0
    while first < len(places):
        last = first
        links: set[str] = set()
        while last + 1 < len(places) and set(words[places[last] + 1 : places[last + 1]]) <= _JOINS:
            links |= set(words[places[last] + 1 : places[last + 1]])
            last += 1
        if negations[first] and links & {"or", "nor"}:
            negations[first : last + 1] = [negations[first]] * (last + 1 - first)
        first = last + 1
