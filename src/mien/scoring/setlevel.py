"""Set-level scores of EMER with groups of words of the same meaning: accuracy_s, recall_s and their mean.

Each word is replaced by the first word of its group (the later group wins for a word in two; words in no group stay),
then accuracy_s = mean |G∩P|/|P| and recall_s = mean |G∩P|/|G|; an empty prediction gives 0 and 0 (MER2024-OV).

>>> found = set_level([["happy", "joyful"], ["sad"]], [["glad"], ["calm"]], [[["happy", "joyful", "glad"]], []])
>>> found.accuracy, found.recall, found.average
(0.5, 0.5, 0.5)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.scoring.steps import Group, Labels
from mien.scoring.wheels import LEVEL1, Tables, tables


@dataclass(frozen=True, slots=True, eq=False)
class SetLevel:
    """accuracy, recall, average in [0, 1], NaN where nothing is scored; scored: samples whose reference has a word;
    sample_accuracy, sample_recall: one value a sample, NaN where it is not scored."""

    accuracy: float
    recall: float
    average: float
    scored: int
    sample_accuracy: NDArray[np.float64]
    sample_recall: NDArray[np.float64]


def set_level(
    truth: Sequence[Labels],
    prediction: Sequence[Labels],
    groups: Sequence[Sequence[Labels] | None],
    *,
    strip: bool = True,
) -> SetLevel:
    """Set-level scores; `groups` holds one list of groups a sample (None or empty: words stand for themselves).

    strip: trim words before they are compared (the published code only lower-cases). An empty reference is not scored.
    """
    accuracy = np.full(len(truth), np.nan)
    recall = np.full(len(truth), np.nan)
    for index, (wanted, given, sorted_) in enumerate(zip(truth, prediction, groups, strict=True)):
        place = {_fold(word, strip): _fold(group[0], strip) for group in sorted_ or () for word in group}
        first, second = (
            {place.get(word, word) for word in (_fold(label, strip) for label in labels)} for labels in (wanted, given)
        )
        if not first:
            continue
        shared = len(first & second)
        accuracy[index] = shared / len(second) if second else 0.0
        recall[index] = shared / len(first) if second else 0.0
    scored = int((~np.isnan(accuracy)).sum())
    if not scored:
        return SetLevel(float("nan"), float("nan"), float("nan"), 0, accuracy, recall)
    means = float(np.nanmean(accuracy)), float(np.nanmean(recall))
    return SetLevel(*means, sum(means) / 2, scored, accuracy, recall)


def united(truth: Sequence[Labels], prediction: Sequence[Labels]) -> list[tuple[str, ...]]:
    """For each sample the words to be grouped: reference and prediction united, lower case, each once."""
    return [
        tuple(dict.fromkeys(_fold(word, True) for word in (*wanted, *given)))
        for wanted, given in zip(truth, prediction, strict=True)
    ]


def wheel_groups(grouping: str = LEVEL1[0], held: Tables | None = None) -> Group:
    """The offline `Group` step: words of one group of one wheel mean the same; unknown words stay alone."""

    def group(words: Sequence[Labels]) -> list[list[list[str]]]:
        known = held or tables()
        answer = []
        for labels in words:
            sets: dict[str, list[str]] = {}
            for label in labels:
                sets.setdefault(known.group(label, grouping) or f"\0{label}", []).append(label)
            answer.append(list(sets.values()))
        return answer

    return group


def _fold(word: str, strip: bool) -> str:
    return word.lower().strip() if strip else word.lower()
