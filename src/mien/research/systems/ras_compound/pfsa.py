"""Pairwise feature similarity aggregation: near to the prototypes of both basics (NumPy only).

A working definition: the published code writes features out and later reads a seven-way file; the step between is not
there, nor in the text that could be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mien.affect.compound import compound_pairs
from mien.errors import RequestError

Floats = NDArray[np.float64]
Aggregate = Literal["similarity_sum", "midpoint"]


def prototypes(features: NDArray[np.floating], labels: Sequence[int], order: Sequence[str]) -> Floats:
    """Mean feature of each basic class, (classes, width); RequestError names a class without a row."""
    values, rows = np.asarray(features, float), np.asarray(labels)
    if empty := [name for place, name in enumerate(order) if not (rows == place).any()]:
        raise RequestError(f"no feature of {', '.join(empty)}: a prototype needs one row at least")
    return np.stack([values[rows == place].mean(axis=0) for place in range(len(order))])


def cosine(features: NDArray[np.floating], others: NDArray[np.floating], eps: float = 1e-8) -> Floats:
    """Cosine of each row with each other row, (n, m); 0 for a row of zeros."""
    return _unit(np.asarray(features, float), eps) @ _unit(np.asarray(others, float), eps).T


def similarity_scores(
    features: NDArray[np.floating], means: NDArray[np.floating], order: Sequence[str], *,
    aggregate: Aggregate = "similarity_sum", eps: float = 1e-8,
) -> Floats:  # fmt: skip
    """Scores of the seven compounds, (n, 7): the sum of both cosines, or the cosine with the middle of both."""
    pairs = np.array(compound_pairs(order))
    if aggregate == "midpoint":
        return cosine(features, np.asarray(means, float)[pairs].mean(axis=1), eps)
    scores: Floats = cosine(features, means, eps)[:, pairs].sum(axis=-1)
    return scores


def _unit(values: Floats, eps: float) -> Floats:
    unit: Floats = values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), eps)
    return unit
