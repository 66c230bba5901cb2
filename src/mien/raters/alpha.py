"""Krippendorff's alpha on every scale, with missing ratings and with sets of labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.agreement import Agreement, measured, paired_counts, tally
from mien.raters.arrays import Floats, matrix
from mien.raters.bootstrap import Statistic, ratio
from mien.raters.distances import set_distances
from mien.raters.targets import choosers_of, voters_of
from mien.raters.votes import Votes

SCALES = ("nominal", "ordinal", "interval", "ratio", "jaccard", "masi")


def krippendorff_alpha(
    ratings: Votes | Any, scale: str = "nominal", *, values: Mapping[str, float] | None = None, **options: Any
) -> Agreement:
    """Krippendorff's alpha: 1 - observed over expected disagreement, for any number of raters, with missing ratings.

    ratings: `Votes`, or values of shape (items, raters), NaN where missing; items with one rating do not count.
    scale: "nominal", "ordinal" (order of the classes or values), "interval", "ratio" (values ≥ 0); for votes with
    several labels a vote "jaccard" or "masi" (distance of sets, Passonneau 2006). values: label -> number for votes
    on interval or ratio scale (default: the place in the space). options as `fleiss_kappa`. At most 1.
    NaN where all values are the same. Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability".
    """
    if scale not in SCALES:
        raise RequestError(f"unknown scale {scale!r}; allowed: {', '.join(SCALES)}")
    if scale in ("jaccard", "masi"):
        if not isinstance(ratings, Votes):
            raise RequestError(f"scale {scale} compares sets of labels: give Votes")
        every, distances = set_distances(ratings, scale)
        statistic, used = _alpha_fixed(every, distances)
    elif scale == "interval" and not isinstance(ratings, Votes):
        statistic, used = _alpha_interval(matrix(ratings))
        every = np.empty((len(matrix(ratings)), 0))
    else:
        every, number = tally(ratings, values)
        statistic, used = _alpha_of(every, number, scale)
    return measured(statistic, f"alpha_{scale}", len(every), used, "", **options)


def _alpha_of(every: Floats, values: Floats, scale: str) -> tuple[Statistic, int]:
    apart = values[:, None] - values
    if scale == "ordinal":
        return _alpha_ordinal(every)
    if scale == "nominal":
        return _alpha_fixed(every, (apart != 0).astype(np.float64))
    if scale == "interval":
        return _alpha_fixed(every, apart**2)
    if (values < 0).any():
        raise RequestError("a ratio scale needs values of 0 or more")
    return _alpha_fixed(every, np.nan_to_num(ratio(apart, values[:, None] + values)) ** 2)


def _alpha_fixed(every: Floats, distances: Floats) -> tuple[Statistic, int]:
    """Alpha where the distance of two values does not depend on the sample."""
    distances = distances / (distances.max(initial=0.0) or 1.0)
    counts, total = paired_counts(every)
    within = np.where(total > 0, ((counts @ distances) * counts).sum(axis=1) / np.maximum(total - 1, 1), 0.0)

    def alpha(weights: Floats) -> Floats:
        pooled = weights @ counts
        expected = ((pooled @ distances) * pooled).sum(axis=1)
        return 1 - ratio((weights @ within) * (pooled.sum(axis=1) - 1), expected)

    return alpha, int((total > 0).sum())


def _alpha_ordinal(every: Floats) -> tuple[Statistic, int]:
    """Ordinal alpha: the distance of two classes is that of their mid-ranks, so it is interval alpha on ranks."""
    counts, total = paired_counts(every)
    pairs = np.maximum(total - 1, 1)[:, None]

    def alpha(weights: Floats) -> Floats:
        pooled = weights @ counts
        size = pooled.sum(axis=1, keepdims=True)
        ranks = np.cumsum(pooled, axis=1) - pooled / 2 - size / 2
        first, second = counts @ ranks.T, counts @ (ranks**2).T
        within = 2 * (total[:, None] * second - first**2) / pairs
        observed = np.einsum("bn,nb->b", weights, within)
        expected = 2 * (size[:, 0] * (pooled * ranks**2).sum(axis=1) - (pooled * ranks).sum(axis=1) ** 2)
        return 1 - ratio(observed * (size[:, 0] - 1), expected)

    return alpha, int((total > 0).sum())


def _alpha_interval(values: Floats) -> tuple[Statistic, int]:
    """Interval alpha from the sums of values and squares of each item: any number of different values."""
    there = np.isfinite(values)
    there &= there.sum(axis=1, keepdims=True) >= 2
    centred = np.where(there, values - (values[there].mean() if there.any() else 0.0), 0.0)
    scale = np.abs(centred).max() or 1.0
    centred = centred / scale
    total, first, second = there.sum(axis=1), centred.sum(axis=1), (centred**2).sum(axis=1)
    within = 2 * (total * second - first**2) / np.maximum(total - 1, 1)
    sums = np.column_stack([within, total, first, second])

    def alpha(weights: Floats) -> Floats:
        observed, size, mean, square = (weights @ sums).T
        return 1 - ratio(observed * (size - 1), 2 * (size * square - mean**2))

    return alpha, int((total > 0).sum())


def alpha_per_label(votes: Votes, **options: Any) -> dict[str, Agreement]:
    """Alpha of choosing a label or not, for each class on its own: for votes with several labels a vote.

    options as `krippendorff_alpha`; NaN for a label that nobody or everybody chose.
    """
    chosen, voters = choosers_of(votes), voters_of(votes)
    result = {}
    for place, label in enumerate(votes.labels):
        counts = np.column_stack([chosen[:, place], voters - chosen[:, place]]).astype(np.float64)
        statistic, used = _alpha_fixed(counts, 1 - np.eye(2))
        result[label] = measured(statistic, f"alpha_nominal:{label}", len(counts), used, "", **options)
    return result
