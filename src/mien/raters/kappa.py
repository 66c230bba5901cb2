"""Kappas: agreement on labels above chance, of many raters (Fleiss, Randolph) and of two (Cohen)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.agreement import Agreement, measured, paired_counts, share_agreeing, tally
from mien.raters.arrays import Floats, Integers, absent, listed
from mien.raters.bootstrap import ratio
from mien.raters.votes import Votes


def fleiss_kappa(ratings: Votes | Any, **options: Any) -> Agreement:
    """Fleiss' kappa: agreement of many raters on labels, above what their shared habits give by chance.

    ratings: `Votes`, or class values of shape (items, raters), NaN where missing. Items may have unlike numbers of
    ratings (each item's agreement then rests on its own number); those with fewer than two are left out. Outside
    answers count as labels. NaN where every rating is the same label. options: rounds=1000 (0 = no interval), rng=0,
    groups=None (one per item: resampled together), level=0.95. At most 1. Source: Fleiss 1971, Psychol. Bull. 76.

    >>> fleiss_kappa([[0, 0, 0], [1, 1, 1], [0, 0, 1]], rounds=0).value
    0.55
    """
    counts, total = paired_counts(tally(ratings)[0])
    agree = share_agreeing(counts, total)
    sums = np.column_stack([agree, total > 0, counts])

    def kappa(weights: Floats) -> Floats:
        found = weights @ sums
        observed = ratio(found[:, 0], found[:, 1])
        shares = ratio(found[:, 2:], found[:, 2:].sum(axis=1, keepdims=True))
        expected = (shares**2).sum(axis=1)
        return ratio(observed - expected, 1 - expected)

    return measured(kappa, "fleiss_kappa", len(counts), int((total > 0).sum()), "", **options)


def randolph_kappa(ratings: Votes | Any, classes: int | None = None, **options: Any) -> Agreement:
    """Free-marginal kappa: chance is 1/classes, whatever labels the raters like.

    classes: number of labels they could choose from; None = those of the votes' options, or the values that occur.
    ratings, options as `fleiss_kappa`. Source: Randolph 2005; Brennan and Prediger 1981.
    """
    every, values = tally(ratings)
    counts, total = paired_counts(every)
    number = classes or len(values)
    if number < len(values):
        raise RequestError(f"classes is {number}, but {len(values)} different labels occur")
    chance = 1 / max(number, 1)
    sums = np.column_stack([share_agreeing(counts, total), total > 0])

    def kappa(weights: Floats) -> Floats:
        found = weights @ sums
        observed = ratio(found[:, 0], found[:, 1])
        return ratio(observed - chance, np.full(len(found), 1 - chance))

    return measured(kappa, "randolph_kappa", len(counts), int((total > 0).sum()), "", **options)


def cohen_kappa(first: Any, second: Any, *, weights: str | None = None, **options: Any) -> Agreement:
    """Cohen's kappa of two raters: labels, shape (items,), on the same items; pairs with a missing one are left out.

    weights: None (every difference counts alike), "linear" or "quadratic" (by the distance of the classes in sorted
    order). options as `fleiss_kappa`. Source: Cohen 1960, 1968. Value as scikit-learn's cohen_kappa_score.
    """
    if weights not in (None, "linear", "quadratic"):
        raise RequestError(f"unknown weights {weights!r}; allowed: None, linear, quadratic")
    code, number = _pair_codes(first, second)
    there = np.asarray((code >= 0).all(axis=1))
    cells = (code[:, 0] * number + code[:, 1])[there]
    apart = np.abs(np.arange(number)[:, None] - np.arange(number))
    cost = (apart > 0 if weights is None else apart if weights == "linear" else apart**2).astype(np.float64)

    def kappa(drawn: Floats) -> Floats:
        rows = [np.bincount(cells, row, number * number) for row in drawn[:, there]]
        table = np.array(rows).reshape(len(drawn), number, number)
        chance = table.sum(axis=2)[:, :, None] * table.sum(axis=1)[:, None, :]
        expected = ratio((chance * cost).sum(axis=(1, 2)), table.sum(axis=(1, 2)))
        return 1 - ratio((table * cost).sum(axis=(1, 2)), expected)

    name = "cohen_kappa" if weights is None else f"cohen_kappa_{weights}"
    return measured(kappa, name, len(there), int(there.sum()), "", **options)


def _pair_codes(first: Any, second: Any) -> tuple[Integers, int]:
    """(place of each label among the sorted labels, -1 where missing, shape (items, 2); how many labels there are)."""
    one, two = listed(first, "the first rater"), listed(second, "the second rater")
    if len(one) != len(two) or not one:
        raise RequestError(f"the raters have {len(one)} and {len(two)} ratings; both must rate the same items")
    both = [None if absent(a) or absent(b) else (a, b) for a, b in zip(one, two, strict=True)]
    try:
        known = sorted({label for pair in both if pair for label in pair})
    except TypeError:
        raise RequestError("the raters' labels mix text with numbers; use one sort") from None
    place = {label: number for number, label in enumerate(known)}
    return np.array([[place[x] for x in pair] if pair else [-1, -1] for pair in both], dtype=np.int64), len(known)
