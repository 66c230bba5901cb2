"""Kendall's tau: how many pairs of items both sides put in the same order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.metrics.arrays import Numbers, paired_numbers
from mien.metrics.metric import metric

BLOCK = 64


@metric(
    "kendall",
    kind="regression",
    better="higher",
    formula="(concordant - discordant) / sqrt((pairs - ties in t) (pairs - ties in p))",
    reference="Kendall 1945 (tau-b); scipy.stats.kendalltau",
    undefined="truth or prediction is constant",
)
def kendall(truth: Any, prediction: Any) -> float:
    """Share of pairs in the same order minus those in opposite order, corrected for ties (tau-b).

    truth, prediction: (n,) numbers. In [-1, 1]; NaN where either side is constant.

    >>> kendall([1, 2, 3], [1, 3, 2])
    0.3333333333333333
    """
    first, second = paired_numbers(truth, prediction)
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    pairs = len(first) * (len(first) - 1) // 2
    ties_first, ties_second = _ties(first), _ties(np.sort(second))
    both = _ties(np.stack([first, second], axis=1))
    spread = (pairs - ties_first) * (pairs - ties_second)
    if not spread:
        return float("nan")
    balance = pairs - ties_first - ties_second + both - 2 * _inversions(second)
    return float(balance / math.sqrt(spread))


def _ties(ordered: Numbers) -> int:
    """Pairs of equal neighbours in ordered values (n,) or rows (n, d)."""
    changes = np.diff(ordered, axis=0) != 0
    new = changes if ordered.ndim == 1 else changes.any(axis=1)
    runs: NDArray[np.int64] = np.diff(np.flatnonzero(np.concatenate([[True], new, [True]])))
    return int((runs * (runs - 1) // 2).sum())


def _inversions(values: Numbers) -> int:
    """Pairs i < j with values[i] > values[j]."""
    if len(values) <= BLOCK:
        return int(np.triu(values[:, None] > values[None, :], 1).sum())
    left, right = np.split(values, [len(values) // 2])
    across = len(left) * len(right) - int(np.searchsorted(np.sort(left), right, side="right").sum())
    return _inversions(left) + _inversions(right) + across
