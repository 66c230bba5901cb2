"""Classes in an order: how often an answer lies within a distance of the truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers, paired_numbers
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, mean_of


def _steps(truth: Any, prediction: Any) -> Numbers:
    first, second = paired_numbers(truth, prediction)
    return np.abs(first - second)


def _within(truth: Any, prediction: Any, *, distance: float = 1) -> Sums:
    return mean_of((_steps(truth, prediction) <= distance).astype(np.float64))


@metric(
    "accuracy_within_1",
    kind="classification",
    better="higher",
    formula="share of |t - p| <= 1",
    reference="Thao, Herremans, Roig, ICCVW 2019, as their LSTM scripts compute it",
    sums=_within,
)
def accuracy_within_1(truth: Any, prediction: Any, *, distance: float = 1) -> float:
    """Share of items whose class number is at most one from the true one.

    truth, prediction: (n,) class numbers in order; distance: another bound than one. In [0, 1].

    >>> accuracy_within_1([3, 3, 3], [3, 4, 6])
    0.6666666666666666
    """
    return _within(truth, prediction, distance=distance).whole()


def _exactly(truth: Any, prediction: Any, *, distance: float = 1) -> Sums:
    return mean_of((_steps(truth, prediction) == distance).astype(np.float64))


@metric(
    "exactly_1_off",
    kind="classification",
    better="neither",
    formula="share of |t - p| = 1",
    reference='ivyha010/emotionprediction, 2FC scripts, printed there as "accuracy +/-1"',
    sums=_exactly,
)
def exactly_1_off(truth: Any, prediction: Any, *, distance: float = 1) -> float:
    """Share of items whose class number is exactly one from the true one; released code prints it as accuracy within 1.

    truth, prediction: (n,) class numbers in order; distance: another than one. In [0, 1].
    """
    return _exactly(truth, prediction, distance=distance).whole()
