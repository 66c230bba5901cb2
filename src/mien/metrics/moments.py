"""Means, variances and the covariance of pairs, from sums that a resample can rebuild."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mien.metrics.arrays import Numbers
from mien.metrics.sums import Sums, ratio

# A variance below this share of the mean square is rounding: the values are one constant.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class Moments:
    """Population moments (divided by n) of truth and prediction, each (...): one per resample.

    gap: mean truth - mean prediction; squared_error: mean (t - p)^2.
    """

    count: Numbers
    truth_variance: Numbers
    prediction_variance: Numbers
    covariance: Numbers
    gap: Numbers
    squared_error: Numbers


def moment_sums(truth: Numbers, prediction: Numbers, value: Callable[[Moments], Numbers]) -> Sums:
    """A metric of the moments of pairs (n,).

    Values are counted from their lower median: sums of squares then keep their digits, and constants give exactly 0.
    """
    first, second, apart = truth - middle(truth), prediction - middle(prediction), truth - prediction
    columns = (np.ones(len(truth)), first, second, first * first, second * second, first * second, apart, apart * apart)
    return Sums(np.arange(len(truth)), np.stack(columns, axis=1), 8, lambda totals: value(_moments(totals)))


def middle(values: Numbers) -> float:
    """The lower median: always one of the values."""
    place = (len(values) - 1) // 2
    return float(np.partition(values, place)[place])


def _moments(totals: Numbers) -> Moments:
    count = totals[..., 0]
    x, y, xx, yy, xy, gap, squared = np.moveaxis(ratio(totals[..., 1:], count[..., None]), -1, 0)
    return Moments(count, _variance(x, xx), _variance(y, yy), xy - x * y, gap, squared)


def _variance(mean: Numbers, mean_square: Numbers) -> Numbers:
    variance = mean_square - mean * mean
    return np.where(variance <= ROUNDING * mean_square, 0.0, variance)
