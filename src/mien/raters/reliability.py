"""Agreement on numbers: the six intraclass correlations, Cronbach's alpha, the evaluator-weighted estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.agreement import Agreement
from mien.raters.arrays import Booleans, Floats, matrix
from mien.raters.bootstrap import Statistic, estimate, interval, ratio

# Shrout and Fleiss' names -> McGraw and Wong's, as pingouin and most statistics programs print them.
ICC_FORMS = {
    "ICC1": "ICC(1,1)",
    "ICC2": "ICC(A,1)",
    "ICC3": "ICC(C,1)",
    "ICC1k": "ICC(1,k)",
    "ICC2k": "ICC(A,k)",
    "ICC3k": "ICC(C,k)",
}


def icc(ratings: Any, **options: Any) -> dict[str, Agreement]:
    """The six intraclass correlations, by Shrout and Fleiss' names (`ICC_FORMS` has McGraw and Wong's).

    ratings: shape (items, raters), at least 2 × 2, NaN where missing: items that not all raters rated are left out and
    counted in `note`. ICC1: other raters for each item; ICC2: the same raters, a sample of many (absolute agreement);
    ICC3: these raters only (consistency); with k: of the mean of all raters. At most 1 (ICC2k has no bound where items
    hardly differ), NaN where all ratings are equal. options: rounds=1000 (0 = no intervals), rng=0, groups=None,
    level=0.95 of the bootstrap over items.
    Source: Shrout and Fleiss 1979, Psychol. Bull. 86; McGraw and Wong 1996.
    """
    complete, note, options = _complete(ratings, options)
    values, low, high = _with_interval(_icc_of(complete), len(complete), options)
    return {
        name: Agreement(name, float(v), _span(v, a, b), len(complete), note if np.isfinite(v) else note or UNDEFINED)
        for name, v, a, b in zip(ICC_FORMS, values, low, high, strict=True)
    }


UNDEFINED = "not defined: the ratings do not vary, or fewer than two items were rated by all raters"


def cronbach_alpha(ratings: Any, **options: Any) -> Agreement:
    """Cronbach's alpha of the raters' sum: k/(k-1)·(1 - sum of the raters' variances / variance of the sums), n-1.

    The same number as ICC3k. ratings, options and missing ratings as `icc`; NaN where it is not defined.
    Source: Cronbach 1951, Psychometrika 16.
    """
    found = icc(ratings, **options)["ICC3k"]
    return Agreement("cronbach_alpha", found.value, found.interval, found.items, found.note)


def _complete(ratings: Any, options: dict[str, Any]) -> tuple[Floats, str, dict[str, Any]]:
    """The items that every rater rated, what was left out, and the options with the groups of those items."""
    table = matrix(ratings)
    if table.shape[1] < 2:
        raise RequestError("one rater cannot agree or disagree: at least two columns are needed")
    whole = np.asarray(np.isfinite(table).all(axis=1))
    note = "" if whole.all() else f"{int((~whole).sum())} items that not all raters rated are left out"
    if options.get("groups") is not None:
        if len(options["groups"]) != len(table):
            raise RequestError(f"groups must name one group for each of the {len(table)} items")
        kept = [group for group, here in zip(options["groups"], whole, strict=True) if here]
        options = {**options, "groups": kept}
    return table[whole], note, options


def _icc_of(table: Floats) -> Statistic:
    """The six forms as a function of how often each item counts: two-way analysis of variance from sums."""
    items, raters = table.shape
    centred = table - (table.mean() if items else 0.0)
    scale = np.abs(centred).max(initial=0.0)
    centred = centred / scale if scale > 1e-12 * np.abs(table).max(initial=0.0) else np.zeros_like(centred)
    sums = np.column_stack([centred.mean(axis=1) ** 2, (centred**2).sum(axis=1), centred])

    def forms(weights: Floats) -> Floats:
        n, found = weights.sum(axis=1), weights @ sums
        columns = ratio(found[:, 2:], n[:, None])
        grand = columns.mean(axis=1)
        rows = raters * (found[:, 0] - n * grand**2)
        total = found[:, 1] - n * raters * grand**2
        between = n * ((columns - grand[:, None]) ** 2).sum(axis=1)
        error = np.maximum(total - rows - between, 0.0)
        msr, msc = ratio(rows, n - 1), between / (raters - 1)
        mse, msw = ratio(error, (n - 1) * (raters - 1)), ratio(total - rows, n * (raters - 1))
        tilt = ratio(msc - mse, n)
        single = [
            ratio(msr - msw, msr + (raters - 1) * msw),
            ratio(msr - mse, msr + (raters - 1) * mse + raters * tilt),
            ratio(msr - mse, msr + (raters - 1) * mse),
        ]
        means = [ratio(msr - msw, msr), ratio(msr - mse, msr + tilt), ratio(msr - mse, msr)]
        return np.stack(single + means, axis=1)

    return forms


def _with_interval(statistic: Statistic, items: int, options: dict[str, Any]) -> tuple[Floats, Floats, Floats]:
    """(values, low, high); NaN bounds where no interval was asked for or the value is not defined."""
    if items < 2:
        nothing = np.full(statistic(np.zeros((1, items))).shape[1:], np.nan)
        return nothing, nothing, nothing
    values = estimate(statistic, items)
    if not options.get("rounds", 1000):
        return values, np.full_like(values, np.nan), np.full_like(values, np.nan)
    return values, *interval(statistic, items, **options)


def _span(value: float, low: float, high: float) -> tuple[float, float] | None:
    return (float(low), float(high)) if np.isfinite([value, low, high]).all() else None


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
    raw, low, high = _with_interval(statistic, len(table), options)
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
