"""The best constant answer: the words a model that never looks would name, found on the references themselves.

For an answer that is the same everywhere, precision and recall are sums over its groups, so that thousands of answers
are compared in a moment. The search starts from every single candidate and from five basic words, and adds or takes
away one word at a time while F grows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.scoring.openset import Words, sets_of
from mien.scoring.wheels import LEVEL1, Tables, column_of

FIVE_WORDS = ("happy", "angry", "sad", "worried", "surprise")
BASIC_WORDS = (*FIVE_WORDS, "fear", "disgust", "calm", "excited", "confused", "disappointed", "anxious", "frustrated")
CANDIDATES, LONGEST = 40, 8


@dataclass(frozen=True, slots=True, eq=False)
class _Wheel:
    """One wheel's share of a constant answer: precision and recall that each group adds; scored or not."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    scored: bool


def most_frequent(lists: Iterable[Sequence[str]], held: Tables) -> list[str]:
    """Words of the references that the tables know, the most frequent first (ties by the alphabet)."""
    counts = Counter(word for labels in lists for word in {label.lower().strip() for label in labels})
    known = [word for word in counts if word in held.forms]
    return sorted(known, key=lambda word: (-counts[word], word))


def best_constant(
    truth: Words, frequent: Sequence[str], held: Tables, groupings: Sequence[str] = LEVEL1
) -> tuple[str, ...]:
    """The words whose constant naming reaches the highest open-set F on these references.

    frequent: candidates in order (`most_frequent`); the first 40 and thirteen basic words are tried, at most eight
    are named.
    """
    wheels = [_wheel(truth, held, grouping) for grouping in groupings]
    words = list(dict.fromkeys([*frequent[:CANDIDATES], *BASIC_WORDS]))
    words = [word for word in words if word in held.forms]
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    for start in [FIVE_WORDS, *((word,) for word in words[:CANDIDATES])]:
        best = max(best, _climb(start, words, wheels, held, groupings), key=lambda found: found[0])
    return best[1]


def _climb(
    start: Sequence[str], words: Sequence[str], wheels: Sequence[_Wheel], held: Tables, groupings: Sequence[str]
) -> tuple[float, tuple[str, ...]]:
    chosen = tuple(start)
    value = _figure(chosen, wheels, held, groupings)
    while True:
        more = [(*chosen, word) for word in words if word not in chosen] if len(chosen) < LONGEST else []
        less = [tuple(word for word in chosen if word != gone) for gone in chosen] if len(chosen) > 1 else []
        found = max(((_figure(one, wheels, held, groupings), one) for one in (*less, *more)), default=(0.0, ()))
        if found[0] <= value + 1e-12:
            return value, chosen
        value, chosen = found


def _figure(words: Sequence[str], wheels: Sequence[_Wheel], held: Tables, groupings: Sequence[str]) -> float:
    rows = [held.forms[word] for word in words]
    figures = []
    for wheel, grouping in zip(wheels, groupings, strict=True):
        if not wheel.scored:
            continue
        groups = {code for row in rows if (code := int(held.codes[row, column_of(grouping)])) >= 0}
        precision = sum(wheel.precision[group] for group in groups) / max(len(groups), 1)
        recall = sum(wheel.recall[group] for group in groups)
        figures.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return float(np.mean(figures)) if figures else 0.0


def _wheel(truth: Words, held: Tables, grouping: str) -> _Wheel:
    groups = len(held.names[column_of(grouping)])
    keys = sets_of(held, truth, grouping)
    sample, group = keys // groups, keys % groups
    wanted = np.bincount(sample, minlength=truth.samples)
    count = float((wanted > 0).sum())
    precision = np.bincount(group, minlength=groups) / max(count, 1.0)
    recall = np.bincount(group, weights=1.0 / wanted[sample], minlength=groups) / max(count, 1.0)
    return _Wheel(precision, recall, count > 0)
