"""Ranks, with the mean rank for ties."""

from __future__ import annotations

import numpy as np

from mien.metrics.arrays import Numbers


def average_ranks(values: Numbers) -> Numbers:
    """Ranks from 1 (n,); equal values share the mean of their ranks.

    >>> average_ranks(np.array([10.0, 20.0, 10.0])).tolist()
    [1.5, 3.0, 1.5]
    """
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places.ravel()])
