"""Numbers in a judge's reply: the published reader with its quirks, and one that looks for the score.

>>> first_number("score range 1-10, predicted score: 7"), marked_score("score range 1-10, predicted score: 7")
(1.0, 7.0)
"""

from __future__ import annotations

import re
import unicodedata

from mien.scoring.lists import PublishedStop

_FIRST = re.compile(r"[\d][.]*[\d]*")
_MARK = re.compile(
    r"(?:分数|得分|评分|score|rating|overlap)['\"’”」*）)]*\s*(?:is|of|=|:|为|是)?\s*['\"]?\s*[:=]?\s*['\"*]*(-?\d+(?:\.\d+)?)(?!\s*[-~–到至]\s*\d)"
)
_ANY = re.compile(r"(?<![\d.])-?\d+(?:\.\d+)?(?![\d.])")
_RANGE = re.compile(r"\d+\s*(?:-|–|~|到|至|to|and)\s*\d+|/\s*\d+")


def first_number(text: str) -> float:
    """The published rule: the first digit, any dots, then the next digits, with no range check.

    "8/10" gives 8 and "between 1 and 10: 7" gives 1. Raises PublishedStop where the code there raises: AttributeError
    without a digit, ValueError for "1..5" (AffectGPT evaluation.py @e0aec19).
    """
    found = _FIRST.search(text)
    if found is None:
        raise PublishedStop("AttributeError", text)
    try:
        return float(found.group())
    except ValueError:
        raise PublishedStop("ValueError", text) from None


def marked_score(text: str | None, low: float = 1.0, high: float = 10.0) -> float | None:
    """The number behind the last score mark, else the only number once ranges ("1-10", "/10") are taken out.

    None where there is none, several different ones, or one outside [low, high]; the caller counts these.
    """
    if not text:
        return None
    plain = unicodedata.normalize("NFKC", text).lower()
    values = [float(value) for value in _MARK.findall(plain)]
    if not values:
        values = [float(value) for value in _ANY.findall(_RANGE.sub(" ", re.sub(r"/\s*10\b", " ", plain)))]
        if len(set(values)) > 1:
            return None
    if not values or not low <= values[-1] <= high:
        return None
    return values[-1]
