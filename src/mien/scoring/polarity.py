"""Sentiment read as positive against not positive: the weighted F1 of the sentiment sets.

References equal to 0 are dropped whatever was answered; both sides are cut at > 0, so a neutral answer counts as
negative. WAF = F1 of the two classes weighted by how often each is true (AffectGPT, arXiv 2501.16566).

>>> found = sentiment_waf([0.6, -1.0, 0.0], ["Positive.", "neutral", "positive"])
>>> found.waf, found.accuracy, found.scored
(1.0, 1.0, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.scoring.steps import Labels
from mien.scoring.wheels import LEVEL1, tables

TOKENS = {"positive": 1, "negative": -1, "neutral": 0}
_CHINESE = {
    "积极": "positive",
    "正面": "positive",
    "消极": "negative",
    "负面": "negative",
    "中性": "neutral",
    "中立": "neutral",
}
_TRIM = " \t\r\n.,;:!?\"'`*_[](){}<>。，；：！？“”‘’【】（）"


@dataclass(frozen=True, slots=True, eq=False)
class Sentiment:
    """waf, accuracy in [0, 1], NaN where nothing is scored; scored: references other than 0; unreadable: of those,
    answers that are none of the three words; right: 1 or 0 a sample, NaN where it is not scored."""

    waf: float
    accuracy: float
    scored: int
    unreadable: int
    right: NDArray[np.float64]


def read_token(answer: str | None, *, exact: bool = False) -> str | None:
    """ "positive", "negative" or "neutral", None where the answer is none of them.

    exact: the published rule (no trimming, no case folding); otherwise blanks, case and punctuation are ignored and
    the Chinese words are known.
    """
    if answer is None:
        return None
    if exact:
        return answer if answer in TOKENS else None
    word = answer.lower().strip(_TRIM)
    word = _CHINESE.get(word, word)
    return word if word in TOKENS else None


def sentiment_waf(
    truth: Sequence[float], prediction: Sequence[str | None], *, exact: bool = False, unreadable: str = "wrong"
) -> Sentiment:
    """WAF and accuracy of sentiment words against signed scores.

    truth: numbers, sign = polarity; prediction: one of the three words a sample. exact: published token rule, by which
    anything else is neutral (hence negative); otherwise unreadable="wrong" counts it as the wrong class and
    "skip" leaves it out. RequestError: unequal lengths, a score that is no finite number.
    """
    values = np.asarray(truth, dtype=np.float64)
    if values.ndim != 1 or len(values) != len(prediction):
        raise RequestError(f"{values.size} sentiment scores but {len(prediction)} answers; they must agree")
    if not np.isfinite(values).all():
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        raise RequestError(f"sentiment score of sample {place + 1} is {values[place]}; numbers are needed")
    words = [read_token(answer, exact=exact) for answer in prediction]
    given = np.array([TOKENS[word] > 0 if word else False for word in words], dtype=bool)
    readable = np.array([word is not None for word in words], dtype=bool)
    wanted, polar = values > 0, values != 0
    if not exact:
        given = np.where(readable, given, ~wanted)
    keep = polar & (readable | (unreadable != "skip") | exact)
    right = np.where(keep, (given == wanted).astype(np.float64), np.nan)
    if not keep.any():
        return Sentiment(float("nan"), float("nan"), 0, int((polar & ~readable).sum()), right)
    waf = weighted_f1(wanted[keep], given[keep])
    return Sentiment(waf, float(right[keep].mean()), int(keep.sum()), int((polar & ~readable).sum()), right)


def weighted_f1(truth: NDArray[np.bool_], prediction: NDArray[np.bool_]) -> float:
    """F1 of two classes, each weighted by its share of the truth; a class never right has F1 0."""
    total = 0.0
    for side in (False, True):
        wanted, given = truth == side, prediction == side
        size = int(wanted.sum() + given.sum())
        total += 2 * float((wanted & given).sum()) / size * float(wanted.sum()) if size else 0.0
    return total / len(truth)


_GOOD = frozenset(("happy", "joyful", "peaceful", "powerful", "joy", "genius"))
_OPEN = frozenset(("surprised",))


def sign_of(label: str) -> int:
    """1, -1 or 0: on which side most of the five wheels put the word; 0 where none knows it or they are even."""
    word = label.lower().strip()
    if word in TOKENS:
        return TOKENS[word]
    held = tables()
    groups = [group for grouping in LEVEL1 if (group := held.group(word, grouping)) and group not in _OPEN]
    votes = sum(1 if group in _GOOD else -1 for group in groups)
    return (votes > 0) - (votes < 0)


def offline(samples: Sequence[Labels]) -> list[str | None]:
    """The offline `Polarity` step: the sign of most of a sample's words; None where it has no words at all.

    Ties and words without a side are neutral.
    """
    answer: list[str | None] = []
    for labels in samples:
        total = sum(map(sign_of, labels))
        answer.append(("negative", "neutral", "positive")[(total > 0) - (total < 0) + 1] if labels else None)
    return answer
