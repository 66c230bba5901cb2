"""The evaluator-weighted estimator: a mean of raters in which those count more who follow the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Booleans, Floats, matrix
from mien.raters.bootstrap import Statistic, ratio
from mien.raters.reliability import with_interval


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatorWeighted:
    """The evaluator-weighted estimator.

    values: float64, shape (items,), each item's weighted mean, NaN where no rater with a weight above 0 rated it;
    weights: float64, shape (raters,), in [0, 1]; intervals: shape (raters, 2), of the weights, NaN where not asked for;
    note: which raters have no weight, and why.
    """

    values: Floats
    weights: Floats
    intervals: Floats
    note: str = ""


def evaluator_weighted(ratings: Any, *, against: str = "others", **options: Any) -> EvaluatorWeighted:
    """Mean of the raters' numbers, each rater weighted by how well it follows the rest; weights below 0 become 0.

    ratings: shape (items, raters), at least two raters, NaN where missing (a rater is compared on the items it rated).
    against: the weight is the Pearson correlation with the mean of the "others" or of "all" raters (the rater itself
    included). A rater who never varies has weight 0. options as `icc`. Source: Grimm and Kroschel 2005 (ASRU).
    """
    if against not in ("others", "all"):
        raise RequestError(f"unknown against {against!r}; allowed: others, all")
    table = matrix(ratings)
    if table.shape[1] < 2:
        raise RequestError("one rater cannot be weighed: at least two columns are needed")
    statistic = _follows(table, against)
    raw, low, high = with_interval(statistic, len(table), options)
    weights = np.nan_to_num(raw).clip(0.0, 1.0)
    there = np.isfinite(table)
    values = ratio(np.where(there, table, 0.0) @ weights, there @ weights)
    intervals = np.column_stack([low, high]).clip(0.0, 1.0)
    return EvaluatorWeighted(values, weights, intervals, _weightless(raw))


def _weightless(raw: Floats) -> str:
    against = [str(place) for place in np.flatnonzero(raw <= 0)]
    constant = [str(place) for place in np.flatnonzero(np.isnan(raw))]
    parts = [f"raters {', '.join(against)} run against the rest: weight 0"] if against else []
    parts += [f"raters {', '.join(constant)} do not vary or share no item: weight 0"] if constant else []
    return "; ".join(parts)


def rest_means(table: Floats, against: str = "others") -> Floats:
    """The mean of the other (or of all) ratings of the item, shape (items, raters), NaN where there is none."""
    there = np.isfinite(table)
    filled = np.where(there, table, 0.0)
    own, number = (filled, there) if against == "others" else (np.zeros_like(filled), np.zeros_like(there))
    return ratio(filled.sum(axis=1, keepdims=True) - own, (there.sum(axis=1, keepdims=True) - number).astype(float))


def _follows(table: Floats, against: str) -> Statistic:
    """Each rater's correlation with the mean of the rest, on the items where both are there."""
    rest = rest_means(table, against)
    both = np.isfinite(table) & np.isfinite(rest)
    x, y = _standardised(table, both), _standardised(rest, both)
    sums = np.concatenate([both, x, y, x * x, y * y, x * y], axis=1)

    def correlations(weights: Floats) -> Floats:
        n, *found = np.split(weights @ sums, 6, axis=1)
        a, b, aa, bb, ab = (ratio(each, n) for each in found)
        spread = (aa - a * a).clip(0.0) * (bb - b * b).clip(0.0)
        return ratio(ab - a * b, np.sqrt(spread))

    return correlations


def _standardised(table: Floats, there: Booleans) -> Floats:
    """Each column with mean 0 and deviation 1 over the cells that are there, 0 elsewhere; a constant one is all 0."""
    number = np.maximum(there.sum(axis=0), 1)
    centred = np.where(there, table - np.where(there, table, 0.0).sum(axis=0) / number, 0.0)
    scale = np.sqrt((centred**2).sum(axis=0) / number)
    size = np.abs(np.where(there, table, 0.0)).max(axis=0, initial=0.0)
    return centred * ratio(np.ones_like(scale), np.where(scale > 1e-12 * size, scale, np.inf))
