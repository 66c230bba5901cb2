"""Tables of zeros and ones, and how shares or scores become them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_matrix


def zeros_ones(values: Any, *, name: str = "values") -> Numbers:
    """A table (n, k) of zeros and ones; RequestError where it holds anything else."""
    table = as_matrix(values, name=name)
    if not np.isin(table, (0, 1)).all():
        row, column = np.argwhere(~np.isin(table, (0, 1)))[0]
        found = table[row, column]
        raise RequestError(
            f"{name}: found {found:g} at item {row}, column {column}; allowed: 0 and 1 (binarise scores)"
        )
    return table


def binarised(values: Any, threshold: float | Literal["1/C"] = 0.5) -> Numbers:
    """Shares or scores (n, k) as zeros and ones: 1 strictly above the threshold.

    "1/C" is one over the number of columns: a uniform row then names no label (Chou et al., EMO-SUPERB).

    >>> binarised([[0.5, 0.5], [0.9, 0.1]], "1/C").tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    table = as_matrix(values)
    bound = 1 / table.shape[1] if threshold == "1/C" else float(threshold)
    return (table > bound).astype(np.float64)
