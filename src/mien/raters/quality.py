"""Rater quality: who disagrees with all, who answers at random, who always says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Floats, matrix
from mien.raters.tables import axis_names
from mien.raters.targets import choosers_of, voters_of
from mien.raters.votes import Votes
from mien.raters.weighted import rest_means

FEW = 10
# One-sided 5 % of the normal distribution.
CHANCE = 1.645
# Three times the usual spread (median absolute deviation, scaled to a standard deviation) below the middle rater, and
# by this much at least: among raters who nearly all agree, a small step down is no fault.
APART = 3 * 1.4826
APART_AT_LEAST = 0.2


@dataclass(frozen=True, slots=True)
class RaterQuality:
    """How one rater stands to the others.

    rater: name; ratings: labels it gave; shared: those on items that others rated too; agreement: mean share of the
    others who gave the same answer, in [0, 1] (numbers: Pearson correlation with the mean of the others, in [-1, 1]);
    chance: what its own labels would reach, shuffled over its items; kappa: (agreement - chance) / (1 - chance);
    z: agreement in standard deviations of such shuffles (permutation distribution); bias, spread: for numbers, mean
    difference to the others and ratio of standard deviations, else NaN; flags: "few" (under 10 shared ratings, not
    judged), "constant" (always one answer), "random" (no better than its shuffled labels, 5 %), "against" (agrees less
    than chance: a reversed scale, or another task), "apart" (kappa far below the other raters: 3 spreads and 0.2).
    """

    rater: str
    ratings: int
    shared: int
    agreement: float
    chance: float
    kappa: float
    z: float
    bias: float = float("nan")
    spread: float = float("nan")
    flags: tuple[str, ...] = ()

    def __str__(self) -> str:
        flags = f": {', '.join(self.flags)}" if self.flags else ""
        return f"{self.rater} agreement {self.agreement:.2f}, chance {self.chance:.2f} ({self.shared} shared){flags}"


def rater_quality(ratings: Votes | Any) -> tuple[RaterQuality, ...]:
    """The quality of each rater, in the order of the raters.

    ratings: `Votes`, or numbers of shape (items, raters), NaN where missing. RequestError where it is not known who
    voted, or there is one rater only.
    """
    found = _of_votes(ratings) if isinstance(ratings, Votes) else _of_numbers(ratings)
    judged = np.array([one.kappa for one in found if one.shared >= FEW and np.isfinite(one.kappa)])
    bound = -np.inf
    if len(judged) >= 5:
        middle = np.median(judged)
        bound = middle - max(APART * np.median(np.abs(judged - middle)), APART_AT_LEAST)
    return tuple(_flagged(one, bound) for one in found)


def _flagged(one: RaterQuality, bound: float) -> RaterQuality:
    if one.shared < FEW:
        flags = ["few"]
    else:
        flags = list(one.flags)
        flags += ["against"] if one.z <= -CHANCE else ["random"] if one.z < CHANCE else []
        flags += ["apart"] if one.kappa < bound else []
    fields = {name: getattr(one, name) for name in one.__slots__}
    return RaterQuality(**{**fields, "flags": tuple(flags)})


def _of_votes(votes: Votes) -> list[RaterQuality]:
    votes.need_raters("the quality of raters")
    if len(votes.raters) < 2:
        raise RequestError("one rater cannot be compared: votes of at least two are needed")
    others = (voters_of(votes) - 1)[votes.item]
    agreeing = choosers_of(votes)[votes.item]
    place = np.unique(votes.item * len(votes.raters) + votes.rater, return_inverse=True)[1]
    mine = np.zeros((place.max(initial=-1) + 1, agreeing.shape[1]), dtype=np.int64)
    mine[place, votes.label] = 1
    own = mine[place]
    shared = others > 0
    share = (agreeing - own)[shared] / others[shared, None]
    rater, label = votes.rater[shared], votes.label[shared]
    order = np.argsort(rater, kind="stable")
    ends = np.searchsorted(rater[order], np.arange(len(votes.raters) + 1))
    given = np.bincount(votes.rater, minlength=len(votes.raters))
    return [
        _vote_quality(name, int(given[r]), share[rows], label[rows])
        for r, name in enumerate(votes.raters)
        for rows in [order[ends[r] : ends[r + 1]]]
    ]


def _vote_quality(name: str, given: int, share: Floats, label: Any) -> RaterQuality:
    """share: others' share of each option on the rater's items, (n, options); label: the rater's own choices, (n,)."""
    n = len(label)
    if n == 0:
        nan = float("nan")
        return RaterQuality(name, given, 0, nan, nan, nan, nan)
    habit = np.bincount(label, minlength=share.shape[1]) / n
    column = share.mean(axis=0)
    agreement, chance = float(share[np.arange(n), label].mean()), float(habit @ column)
    # Hoeffding 1951: variance of a sum of a matrix's cells picked by a random permutation.
    apart = share - (share @ habit)[:, None] - column + chance
    variance = float(((apart**2) @ habit).sum() / (n * (n - 1))) if n > 1 else 0.0
    z = (agreement - chance) / np.sqrt(variance) if variance > 1e-15 else float("nan")
    kappa = (agreement - chance) / (1 - chance) if chance < 1 else float("nan")
    flags = ("constant",) if habit.max() == 1 else ()
    return RaterQuality(name, given, n, agreement, chance, kappa, float(z), flags=flags)


def _of_numbers(ratings: Any) -> list[RaterQuality]:
    table = matrix(ratings)
    if table.shape[1] < 2:
        raise RequestError("one rater cannot be compared: at least two columns are needed")
    names = axis_names(ratings, "columns", table.shape[1])
    rest = rest_means(table)
    return [_number_quality(name, table[:, place], rest[:, place]) for place, name in enumerate(names)]


def _number_quality(name: str, own: Floats, rest: Floats) -> RaterQuality:
    given = int(np.isfinite(own).sum())
    rows = np.isfinite(own) & np.isfinite(rest)
    x, y, n = own[rows], rest[rows], int(rows.sum())
    nan = float("nan")
    if n == 0:
        return RaterQuality(name, given, 0, nan, nan, nan, nan)
    bias = float((x - y).mean())
    a, b = x - x.mean(), y - y.mean()
    own_size, rest_size = float(np.sqrt(a @ a)), float(np.sqrt(b @ b))
    if own_size <= 1e-12 * np.abs(x).max():
        return RaterQuality(name, given, n, nan, 0.0, nan, nan, bias, flags=("constant",))
    if rest_size <= 1e-12 * np.abs(y).max():
        return RaterQuality(name, given, n, nan, 0.0, nan, nan, bias)
    r = float(a @ b) / (own_size * rest_size)
    return RaterQuality(name, given, n, r, 0.0, r, r * float(np.sqrt(n - 1)), bias, own_size / rest_size)
