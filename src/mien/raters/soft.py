"""Soft labels: from counts of votes to distributions, smoothed or with a prior, and to sets of labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Booleans, Floats, matrix

SMOOTHING = ("uniform", "complement")


def _counts(counts: Any) -> Floats:
    array = matrix(counts)
    if not (array >= 0).all():
        raise RequestError("counts and shares must be numbers of 0 or more")
    return array


def shares(counts: Any) -> Floats:
    """Each class's share of the votes, shape (items, classes); a row of NaN where an item has no vote.

    >>> shares([[2, 0, 2, 1]]).tolist()
    [[0.4, 0.0, 0.4, 0.2]]
    """
    array = _counts(counts)
    total = array.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(array, total, out=np.full_like(array, np.nan), where=total > 0))


def with_prior(counts: Any, alpha: float = 0.75) -> Floats:
    """Soft labels with a prior: (alpha + votes) / (alpha·C + all votes); an item without a vote is uniform.

    alpha: > 0, in votes a class. Source: Ando et al. 2018, as eq. 3.1 of Chou 2025 (arXiv 2510.05934).
    """
    if not alpha > 0:
        raise RequestError(f"the prior alpha must be above 0, got {alpha}")
    array = _counts(counts)
    return np.asarray((alpha + array) / (alpha * array.shape[1] + array.sum(axis=1, keepdims=True)))


def smooth(distribution: Any, epsilon: float = 0.05, *, smoothing: str = "uniform") -> Floats:
    """Label smoothing of distributions, shape (items, classes); rows keep their sum of 1, rows of NaN stay.

    smoothing: "uniform" (1-ε)·d + ε/C (Szegedy et al. 2016), or "complement" (1-ε)·d + ε·(1-d)/(C-1), the form of the
    released EMO-SUPERB label files. epsilon: in [0, 1).
    """
    if smoothing not in SMOOTHING:
        raise RequestError(f"unknown smoothing {smoothing!r}; allowed: {', '.join(SMOOTHING)}")
    if not 0 <= epsilon < 1:
        raise RequestError(f"epsilon must be in [0, 1), got {epsilon}")
    array = matrix(distribution)
    classes = array.shape[1]
    if smoothing == "uniform":
        return np.asarray((1 - epsilon) * array + epsilon / classes)
    return np.asarray((1 - epsilon) * array + epsilon * (1 - array) / max(1, classes - 1))


def multihot(values: Any, classes: int | None = None) -> Booleans:
    """Labels with a share strictly above 1/C, bool, shape (items, classes).

    values: counts (whole numbers: compared as count·C > total, so that a share of exactly 1/C stays out whatever the
    rounding) or shares and probabilities; classes: C where it is not the number of columns. An item whose votes are
    spread evenly has no label at all, a row of NaN neither. Source: EMO-SUPERB; Chou 2025, section 4.4.5.

    >>> multihot([[2, 1, 1, 1], [1, 1, 1, 1]]).astype(int).tolist()
    [[1, 0, 0, 0], [0, 0, 0, 0]]
    """
    array = matrix(values)
    number = classes or array.shape[1]
    whole = np.isfinite(array).all() and (array == np.floor(array)).all()
    return array * number > array.sum(axis=1, keepdims=True) if whole else array > 1 / number
