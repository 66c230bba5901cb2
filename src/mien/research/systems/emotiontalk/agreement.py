"""How far the labels that people gave to one modality alone agree with each other and with the joint label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.samples import Sample


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """names of the labels, "joint" first; matrix: (names, names) share of equal labels over items that have both, NaN
    where none has; all_equal: share of items whose labels are all the same; joint_alone: share whose joint label no
    single modality has; conflict, agree: (n,) bool, whether the labels of single modalities differ, or are the same;
    neither where one lacks."""

    names: tuple[str, ...]
    matrix: NDArray[np.float64]
    all_equal: float
    joint_alone: float
    conflict: NDArray[np.bool_]
    agree: NDArray[np.bool_]


def agreement(samples: Sequence[Sample]) -> Agreement:
    """Agreement of the joint target with `Sample.labels`. RequestError where no sample has labels of a modality."""
    names = sorted({name for sample in samples for name in sample.labels})
    if not names:
        raise RequestError("no sample has labels of single modalities (Sample.labels)")
    table = {"joint": np.array([float(np.ravel(sample.target)[0]) for sample in samples])}
    for name in names:
        table[name] = np.array([float(np.ravel(sample.labels.get(name, np.nan))[0]) for sample in samples])
    return _agreement(table)


def _agreement(table: Mapping[str, NDArray[np.float64]]) -> Agreement:
    names = tuple(table)
    matrix = np.eye(len(names))
    for (one, left), (other, right) in combinations(enumerate(table.values()), 2):
        both = ~np.isnan(left) & ~np.isnan(right)
        matrix[one, other] = matrix[other, one] = (left[both] == right[both]).mean() if both.any() else np.nan
    joint, *single = table.values()
    stack = np.stack(single)
    known = ~np.isnan(stack).any(axis=0)
    same = (stack == stack[:1]).all(axis=0) & known
    alone = known & (stack != joint).all(axis=0)
    share = max(int(known.sum()), 1)
    equal = float((same & (stack[0] == joint)).sum() / share)
    return Agreement(names, matrix, equal, float(alone.sum() / share), known & ~same, same)
