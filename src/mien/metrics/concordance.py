"""CCC over several dimensions, as a loss and with its gradient, for those who train on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers, paired_numbers
from mien.metrics.regression import ccc, ccc_sample


def ccc_per_dimension(truth: Any, prediction: Any, *, ddof: int = 0) -> Numbers:
    """CCC of each column (d,) of (n, d) arrays; ddof 0 divides the moments by n, 1 by n - 1."""
    first, second = paired_numbers(truth, prediction, ndim=2)
    function = ccc_sample if ddof else ccc
    return np.array([function(a, b) for a, b in zip(first.T, second.T, strict=True)])


def ccc_loss(truth: Any, prediction: Any, *, ddof: int = 0) -> float:
    """1 - CCC, averaged over the columns of (n, d) arrays; NaN where a column's CCC is undefined."""
    return float(np.mean(1 - ccc_per_dimension(truth, prediction, ddof=ddof)))


def ccc_loss_gradient(truth: Any, prediction: Any, *, ddof: int = 0) -> Numbers:
    """The gradient (n, d) of `ccc_loss` with respect to the prediction.

    A column whose CCC is undefined gives NaN.
    """
    first, second = paired_numbers(truth, prediction, ndim=2)
    n, dimensions = first.shape
    t, p = first - first.mean(axis=0), second - second.mean(axis=0)
    gap = second.mean(axis=0) - first.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance, variances = (t * p).sum(axis=0) / (n - ddof), (t * t + p * p).sum(axis=0) / (n - ddof)
        spread = variances + gap**2
        steeper = 2 * p / (n - ddof) + 2 * gap / n
        slope = 2 * t / (n - ddof) / spread - 2 * covariance * steeper / spread**2
    return np.asarray(-slope / dimensions)
