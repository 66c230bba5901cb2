"""Logistic regression of a yes or no on a few numbers, as several recipes fit how sure an answer may be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def logistic(x: NDArray[np.float64], y: NDArray[np.float64], ridge: float = 1.0) -> NDArray[np.float64]:
    """(1 + d,) bias and weights of x (n, d) and y (n,), 0 or 1: Newton's method, a ridge on all but the bias."""
    full = np.column_stack([np.ones(len(x)), x])
    weights = np.zeros(full.shape[1])
    penalty = np.diag([0.0, *[ridge] * x.shape[1]])
    for _ in range(30):
        p = 1 / (1 + np.exp(-full @ weights))
        slope = full.T @ (p - y) + penalty @ weights
        weights -= np.linalg.solve((full * (p * (1 - p))[:, None]).T @ full + penalty, slope)
    return weights
