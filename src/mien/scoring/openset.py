"""Open-set scores: how far two sets of emotion words overlap once both are sorted into the groups of a wheel.

Per grouping and sample, G = groups of the reference, P = groups of the prediction (words no table knows are dropped,
duplicates count once). G empty: the sample is not scored on this grouping. P empty: precision = recall = 0. Otherwise
precision |G∩P|/|P| and recall |G∩P|/|G|. F is that of the two means over samples (not the mean of F), and the score of
several groupings is the mean of their F (OV-MER, arXiv 2410.01495; AffectGPT, arXiv 2501.16566).

>>> found = overlap([["happy"], ["sad", "angry"]], [["joyful"], ["sad"]])
>>> round(found["case3_wheel1_level1"].fscore, 3), mean_figure(found, "level1").scored
(0.857, (2, 2, 2, 2, 2))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.scoring.wheels import GROUPINGS, LEVEL1, LEVEL2, Tables, column_of, tables

Array = NDArray[np.float64]
Lists = Sequence[Sequence[str]]
Undefined = Literal["sound", "nan", "zero"]
"""What stands where there is nothing to divide by.

"sound": F is 0 where P + R = 0, NaN where no sample is scored, and means leave such groupings out; "nan": the 2025
code (NaN in both cases, and in every mean over it); "zero": the 2026 code (0 in both cases).
"""


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """One grouping's figures in [0, 1].

    precision, recall: means over the scored samples; fscore: of those two means; scored: samples that count;
    sample_precision, sample_recall: one value a sample, NaN where it is not scored on this grouping.
    """

    grouping: str
    precision: float
    recall: float
    fscore: float
    scored: int
    sample_precision: Array
    sample_recall: Array


@dataclass(frozen=True, slots=True)
class MeanFigure:
    """Means over several groupings (first F per grouping, then the mean); scored: samples that count, per grouping."""

    fscore: float
    precision: float
    recall: float
    scored: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Label lists as look-up rows. samples: how many; sample, row: one entry for every known word of every list."""

    samples: int
    sample: NDArray[np.int64]
    row: NDArray[np.int64]

    def take(self, chosen: Sequence[int]) -> Words:
        """The lists of the chosen samples, renumbered."""
        number = np.full(self.samples, -1, dtype=np.int64)
        number[np.asarray(chosen, dtype=np.int64)] = np.arange(len(chosen))
        keep = number[self.sample] >= 0
        return Words(len(chosen), number[self.sample[keep]], self.row[keep])


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """One answer for every sample, as look-up rows: floors are made of it."""

    samples: int
    row: NDArray[np.int64]


def same_of(held: Tables, labels: Iterable[str], samples: int) -> Same:
    """The answer that names these labels for every sample."""
    rows = [row for row in map(held.row, labels) if row >= 0]
    return Same(samples, np.array(sorted(set(rows)), dtype=np.int64))


def words_of(held: Tables, lists: Iterable[Sequence[str]]) -> Words:
    """Look every word up once; words that the tables lack are left out."""
    sample: list[int] = []
    rows: list[int] = []
    memory: dict[str, int] = {}
    count = 0
    for index, labels in enumerate(lists):
        count = index + 1
        for label in labels:
            row = memory.get(label)
            if row is None:
                row = memory[label] = held.row(label)
            if row >= 0:
                sample.append(index)
                rows.append(row)
    return Words(count, np.array(sample, dtype=np.int64), np.array(rows, dtype=np.int64))


@lru_cache(maxsize=32)
def sets_of(held: Tables, words: Words, grouping: str) -> NDArray[np.int64]:
    """Each (sample, group) pair once, as sample * (number of groups) + group, sorted."""
    column = column_of(grouping)
    code = held.codes[words.row, column].astype(np.int64)
    keep = code >= 0
    keys: NDArray[np.int64] = np.sort(words.sample[keep] * len(held.names[column]) + code[keep])
    keys = keys[np.diff(keys, prepend=-1) != 0]
    keys.flags.writeable = False
    return keys


def groups_of(held: Tables, same: Same, grouping: str) -> NDArray[np.int64]:
    """The groups that a constant answer names, each once."""
    codes = held.codes[same.row, column_of(grouping)].astype(np.int64)
    return np.unique(codes[codes >= 0])


def overlap(
    truth: Lists | Words, prediction: Lists | Words | Same, *,
    held: Tables | None = None, groupings: Sequence[str] = GROUPINGS, undefined: Undefined = "sound",
) -> dict[str, Overlap]:  # fmt: skip
    """Overlap of label lists, sample by sample, under every grouping asked for.

    truth, prediction: one list of words a sample, in the same order; held: an edition's tables, None = the newest;
    groupings: names in `GROUPINGS`. RequestError: unequal numbers of samples, an unknown grouping.
    """
    held = held or tables()
    first, second = looked_up(held, truth, prediction)
    return {grouping: _overlap(held, first, second, grouping, undefined) for grouping in groupings}


def looked_up(held: Tables, truth: Any, prediction: Any) -> tuple[Words, Words | Same]:
    """Both sides as look-up rows; RequestError where they have not the same number of samples."""
    first = truth if isinstance(truth, Words) else words_of(held, truth)
    second = prediction if isinstance(prediction, (Words, Same)) else words_of(held, prediction)
    if first.samples != second.samples:
        raise RequestError(f"{first.samples} references but {second.samples} predictions; they must agree")
    return first, second


def mean_figure(found: Mapping[str, Overlap], level: str | Sequence[str], undefined: Undefined = "sound") -> MeanFigure:
    """The published mean over the five wheels at "level1" or "level2", or over the groupings named."""
    names = {"level1": LEVEL1, "level2": LEVEL2}.get(level, GROUPINGS) if isinstance(level, str) else tuple(level)
    parts = [found[name] for name in names]
    fscore, precision, recall = (
        mean_of([getattr(part, what) for part in parts], undefined) for what in ("fscore", "precision", "recall")
    )
    return MeanFigure(fscore, precision, recall, tuple(part.scored for part in parts))


def mean_of(values: Sequence[float], undefined: Undefined = "sound") -> float:
    """Mean over groupings; where sound, those without a figure (NaN) are left out."""
    array = np.asarray(values, dtype=np.float64)
    if undefined == "sound":
        array = array[~np.isnan(array)]
    return float(array.mean()) if array.size else float("nan")


def harmonic(precision: float, recall: float, undefined: Undefined = "sound") -> float:
    """F of a precision and a recall; 0 (or NaN, as published in 2025) where both are 0, NaN where either is NaN."""
    if precision + recall == 0:
        return float("nan") if undefined == "nan" else 0.0
    return 2 * precision * recall / (precision + recall)


def rates(held: Tables, truth: Words, prediction: Words | Same, grouping: str) -> tuple[Array, Array, Array]:
    """Sizes of each sample's sets: (shared, of the truth, of the prediction)."""
    groups = len(held.names[column_of(grouping)])
    wanted = sets_of(held, truth, grouping)
    if isinstance(prediction, Same):
        named = groups_of(held, prediction, grouping)
        shared = wanted[np.isin(wanted % groups, named)]
        sizes = np.full(truth.samples, float(len(named)))
    else:
        given = sets_of(held, prediction, grouping)
        shared = np.intersect1d(wanted, given, assume_unique=True)
        sizes = np.bincount(given // groups, minlength=truth.samples).astype(np.float64)
    counts = [np.bincount(keys // groups, minlength=truth.samples).astype(np.float64) for keys in (shared, wanted)]
    return counts[0], counts[1], sizes


def _overlap(held: Tables, truth: Words, prediction: Words | Same, grouping: str, undefined: Undefined) -> Overlap:
    shared, wanted, given = rates(held, truth, prediction, grouping)
    scored = wanted > 0
    blank = np.where(scored, 0.0, np.nan)
    precision = np.where(scored & (given > 0), shared / np.maximum(given, 1), blank)
    recall = np.where(scored & (given > 0), shared / np.maximum(wanted, 1), blank)
    count = int(scored.sum())
    empty = 0.0 if undefined == "zero" else float("nan")
    first, second = (float(np.nansum(values) / count) if count else empty for values in (precision, recall))
    return Overlap(grouping, first, second, harmonic(first, second, undefined), count, precision, recall)


def any_shared(
    truth: Sequence[str], prediction: Sequence[str], *, held: Tables | None = None, groupings: Sequence[str] = LEVEL1
) -> bool:
    """Whether two label lists share a group on any wheel, the rule that screened training descriptions.

    Here, unlike in the scores, neutral counts: an empty list means neutral, and the literal word "neutral" is kept.
    """
    held = held or tables()
    sides = [_with_neutral(labels) for labels in (truth, prediction)]
    for grouping in groupings:
        sets: list[set[Any]] = []
        for labels in sides:
            groups = {held.group(label, grouping) for label in labels}
            sets.append((groups - {None}) | ({"neutral"} if "neutral" in labels else set()))
        if sets[0] & sets[1]:
            return True
    return False


def _with_neutral(labels: Sequence[str]) -> list[str]:
    return [label.strip() for label in labels] or ["neutral"]
