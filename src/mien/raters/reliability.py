"""Agreement on numbers: the six intraclass correlations and Cronbach's alpha."""

from __future__ import annotations

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
    values, low, high = with_interval(_icc_of(complete), len(complete), options)
    return {
        name: Agreement(name, float(v), _span(v, a, b), len(complete), note if np.isfinite(v) else note or UNDEFINED)
        for name, v, a, b in zip(ICC_FORMS, values, low, high, strict=True)
    }


def icc_one_way(ratings: Any, **options: Any) -> dict[str, Agreement]:
    """ICC1 and ICC1k where items have unlike numbers of ratings, as when other raters rate each item.

    ratings: shape (items, raters), NaN where missing; items with fewer than two ratings are left out. Without missing
    ratings the same numbers as `icc`. k is the mean group size of the unbalanced analysis of variance,
    k0 = (N - Σk²/N) / (items - 1) with N ratings. options as `icc`. Source: Searle 1971, Linear Models, chapter 10.
    """
    table = matrix(ratings)
    there = np.isfinite(table)
    there &= there.sum(axis=1, keepdims=True) >= 2
    used = int(there.any(axis=1).sum())
    values, low, high = with_interval(_one_way(table, there), len(table), options)
    left = len(table) - used
    note = f"{left} items with fewer than two ratings are left out" if left else ""
    return {
        name: Agreement(name, float(v), _span(v, a, b), used, note if np.isfinite(v) else UNDEFINED)
        for name, v, a, b in zip(("ICC1", "ICC1k"), values, low, high, strict=True)
    }


def _one_way(table: Floats, there: Booleans) -> Statistic:
    number = there.sum(axis=1).astype(np.float64)
    mean = table[there].mean() if there.any() else 0.0
    centred = np.where(there, table - mean, 0.0)
    scale = np.abs(centred).max()
    centred = centred / scale if scale > 1e-12 * abs(mean) else np.zeros_like(centred)
    total, square = centred.sum(axis=1), (centred**2).sum(axis=1)
    sums = np.column_stack([number > 0, number, number**2, total, np.nan_to_num(ratio(total**2, number)), square])

    def forms(weights: Floats) -> Floats:
        items, n, squares, first, between, second = (weights @ sums).T
        size = ratio(n - ratio(squares, n), items - 1)
        msb = ratio(between - ratio(first * first, n), items - 1)
        msw = ratio(second - between, n - items)
        return np.stack([ratio(msb - msw, msb + (size - 1) * msw), ratio(msb - msw, msb)], axis=1)

    return forms


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


def with_interval(statistic: Statistic, items: int, options: dict[str, Any]) -> tuple[Floats, Floats, Floats]:
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
