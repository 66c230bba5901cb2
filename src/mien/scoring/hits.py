"""The hit rate of one-label references, and `mscore`, which unlike it punishes naming too much.

Per wheel at level 1: a sample whose reference no wheel word reaches (neutral on all, surprise and disgust on some) is
not scored; hit = the prediction reaches the reference's group. The figure is the mean over the five wheels. mscore =
hits / predicted groups that are also the group of some label of the data set (AffectGPT, arXiv 2501.16566).

>>> found = hit_rate(["happy", "sad", "neutral"], [["joyful", "sad"], [], ["sad"]])
>>> found.hit_rate, found.mscore, found.wheels["wheel1"].scored
(0.5, 0.25, 2)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.scoring.openset import Lists, Same, Undefined, Words, groups_of, looked_up, mean_of, rates, sets_of
from mien.scoring.wheels import LEVEL1, WHEELS, Tables, column_of, tables


@dataclass(frozen=True, slots=True, eq=False)
class WheelHits:
    """One wheel's figures; sample_hit, sample_mscore: one value a sample, NaN where the wheel does not score it."""

    hit_rate: float
    mscore: float
    scored: int
    sample_hit: NDArray[np.float64]
    sample_mscore: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """hit_rate, mscore: means over the wheels, NaN where nothing is scored; wheels: the figures of each."""

    hit_rate: float
    mscore: float
    wheels: Mapping[str, WheelHits]


def hit_rate(
    truth: Sequence[str | Sequence[str]] | Words, prediction: Lists | Words | Same, *,
    labels: Sequence[str] | None = None, held: Tables | None = None, clip: bool = True,
    fold_candidates: bool = True, undefined: Undefined = "sound",
) -> Hits:  # fmt: skip
    """Hit rate and mscore.

    truth: one label a sample (or a list); prediction: one list of words a sample; labels: the data set's label set,
    None = those that occur; held: an edition's tables. clip=False counts every shared group of a reference with
    several labels, as published, so that means may exceed 1. fold_candidates=False looks the label set up as it is
    written, as published: capitals are then unknown. RequestError: unequal numbers of samples.
    """
    held = held or tables()
    lists: list[list[str]] = []
    if not isinstance(truth, Words):
        lists = [[label] if isinstance(label, str) else list(label) for label in truth]
    first, second = looked_up(held, truth if isinstance(truth, Words) else lists, prediction)
    wanted = sorted({label for names in lists for label in names}) if labels is None else list(labels)
    rows = [held.row(label) if fold_candidates else held.forms.get(label, -1) for label in wanted]
    known = np.array([row for row in rows if row >= 0], dtype=np.int64)
    if labels is None and isinstance(truth, Words):
        known = np.unique(first.row)
    wheels = {
        wheel: _wheel(held, first, second, grouping, known, clip, undefined)
        for wheel, grouping in zip(WHEELS, LEVEL1, strict=True)
    }
    means = [mean_of([getattr(wheel, what) for wheel in wheels.values()], undefined) for what in ("hit_rate", "mscore")]
    return Hits(means[0], means[1], wheels)


def _wheel(
    held: Tables, truth: Words, prediction: Words | Same, grouping: str, candidates: NDArray[np.int64], clip: bool,
    undefined: Undefined,
) -> WheelHits:  # fmt: skip
    shared, wanted, _ = rates(held, truth, prediction, grouping)
    possible = _possible(held, prediction, grouping, np.unique(held.codes[candidates, column_of(grouping)]))
    hits = np.minimum(shared, 1.0) if clip else shared
    keep = wanted > 0
    hit = np.where(keep, hits, np.nan)
    mscore = np.where(keep, np.where(possible > 0, hits / np.maximum(possible, 1), 0.0), np.nan)
    count = int(keep.sum())
    empty = 0.0 if undefined == "zero" else float("nan")
    means = [float(np.nansum(values) / count) if count else empty for values in (hit, mscore)]
    return WheelHits(means[0], means[1], count, hit, mscore)


def _possible(held: Tables, prediction: Words | Same, grouping: str, allowed: NDArray[np.int16]) -> NDArray[np.float64]:
    """How many of each sample's predicted groups some label of the data set has."""
    if isinstance(prediction, Same):
        count = float(np.isin(groups_of(held, prediction, grouping), allowed).sum())
        return np.full(prediction.samples, count)
    groups = len(held.names[column_of(grouping)])
    keys = sets_of(held, prediction, grouping)
    inside = keys[np.isin(keys % groups, allowed)]
    return np.bincount(inside // groups, minlength=prediction.samples).astype(np.float64)
