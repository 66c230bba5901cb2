"""Human ceilings: how well one rater does by a metric when the other raters are the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.raters.arrays import Floats, Integers, matrix, plain
from mien.raters.bootstrap import Rng, draws, percentiles
from mien.raters.soft import shares
from mien.raters.tables import axis_names
from mien.raters.targets import voters_of
from mien.raters.votes import Votes
from mien.raters.weighted import rest_means

Metric = Callable[[Any, Any], Any]
FORMS = ("labels", "distribution")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Scores of raters against the rest of the raters.

    pooled: the metric over all held-out votes; interval: its bootstrap over items or None; per_rater: name -> the
    metric on that rater's votes ({} where raters are not known); mean: of `per_rater`, NaN without; votes: held-out
    votes used; ties: votes left out because the rest had no single answer; alone: votes of items with no other rater.
    model: the model by the same truths, on the same rows (NaN without predictions); model_to_rater, rest_to_rater: the
    held-out rater as truth, and the model's or the rest's answer as prediction: whichever is higher knows the rater
    better.
    """

    pooled: float
    interval: tuple[float, float] | None
    per_rater: Mapping[str, float] = field(default_factory=dict)
    mean: float = float("nan")
    votes: int = 0
    ties: int = 0
    alone: int = 0
    model: float = float("nan")
    model_to_rater: float = float("nan")
    rest_to_rater: float = float("nan")
    note: str = ""

    def __str__(self) -> str:
        span = f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]" if self.interval else ""
        model = f"; model {self.model:.3f}" if np.isfinite(self.model) else ""
        return f"human {self.pooled:.3f}{span}{model} ({self.votes} votes, {self.ties} left out as ties)"


@dataclass(frozen=True, slots=True, eq=False)
class _HeldOut:
    """Rows of (item, rater, what the rest says, what the rater says)."""

    item: Integers
    rater: Integers
    rest: NDArray[Any]
    own: NDArray[Any]
    ties: int
    alone: int


def human_ceiling(
    ratings: Votes | Any,
    metric: Metric,
    *,
    form: str = "labels",
    predictions: Any = None,
    rounds: int = 200,
    rng: Rng = 0,
    groups: Any = None,
    level: float = 0.95,
) -> Ceiling:
    """Leave one rater out, score it against the rest, for every rater of every item.

    ratings: `Votes`, or numbers of shape (items, raters), NaN where missing (the rest's answer is then its mean).
    metric: metric(truth, prediction) -> float, for votes called with class numbers in the order of `votes.labels`
    (form "labels": the rest's answer is the class with most votes; ties and outside answers on top are left out and
    counted) or with distributions, shape (rows, classes) (form "distribution"), for numbers with float arrays.
    Where only counts are known each vote is held out on its own. predictions: a model's answers in the same form, one
    an item (class numbers or names; distributions; numbers): scored on the same rows.
    rounds: of the bootstrap over items (0 = no interval), whole groups where groups names one for each item.
    RequestError where no item has two ratings.
    """
    held = _numbers(matrix(ratings)) if not isinstance(ratings, Votes) else _votes(ratings, form)
    names = _names(ratings)
    if not len(held.item):
        why = "no item has two ratings" if not held.ties else "the rest of the raters is tied on every item"
        raise RequestError(f"a human ceiling needs items with several ratings: {why}")
    pooled = float(metric(held.rest, held.own))
    per_rater = {
        name: float(metric(held.rest[rows], held.own[rows]))
        for place, name in enumerate(names)
        if (rows := held.rater == place).any()
    }
    size = len(ratings) if isinstance(ratings, Votes) else len(matrix(ratings))
    span = _interval(held, metric, size, rounds, rng, groups, level) if rounds else None
    mean = float(np.mean(list(per_rater.values()))) if per_rater else float("nan")
    note = "" if names else "who voted is not known: each vote is held out on its own"
    model = _model(held, metric, ratings, form, predictions)
    return Ceiling(pooled, span, per_rater, mean, len(held.item), held.ties, held.alone, *model, note)


def _names(ratings: Votes | Any) -> tuple[str, ...]:
    if isinstance(ratings, Votes):
        return ratings.raters
    return tuple(axis_names(ratings, "columns", matrix(ratings).shape[1]))


def _votes(votes: Votes, form: str) -> _HeldOut:
    """Each selection inside the classes against the item's other raters."""
    if form not in FORMS:
        raise RequestError(f"unknown form {form!r}; allowed: {', '.join(FORMS)}")
    classes = len(votes.labels)
    own = _own_counts(votes)
    rest = votes.all_counts[votes.item] - own
    inside = votes.label < classes
    accompanied = rest.sum(axis=1) > 0
    alone = int((inside & ~accompanied).sum())
    if form == "distribution":
        rows = _one_row_a_vote(votes) & (rest[:, :classes].sum(axis=1) > 0) & (own[:, :classes].sum(axis=1) > 0)
        if not rows.any():
            return _HeldOut(votes.item[rows], votes.rater[rows], own[rows], own[rows], 0, alone)
        truth, answer = shares(rest[rows, :classes]), shares(own[rows, :classes])
        return _HeldOut(votes.item[rows], votes.rater[rows], truth, answer, 0, alone)
    best = rest[:, :classes].max(axis=1)
    single = ((rest[:, :classes] == best[:, None]).sum(axis=1) == 1) & (best > rest[:, classes:].max(axis=1, initial=0))
    rows = inside & accompanied & single
    ties = int((inside & accompanied & ~single).sum())
    top = rest[rows, :classes].argmax(axis=1)
    return _HeldOut(votes.item[rows], votes.rater[rows], top, votes.label[rows], ties, alone)


def _own_counts(votes: Votes) -> Integers:
    """For each selection, what its rater chose for that item in all: shape (selections, options)."""
    options = len(votes.options)
    if not votes.raters:
        return np.asarray(votes.label[:, None] == np.arange(options), dtype=np.int64)
    pairs, place = np.unique(votes.item * len(votes.raters) + votes.rater, return_inverse=True)
    flat = np.bincount(place * options + votes.label, minlength=len(pairs) * options)
    return flat.reshape(len(pairs), options)[place].astype(np.int64)


def _one_row_a_vote(votes: Votes) -> NDArray[np.bool_]:
    """True on the first selection of each item and rater, on all where raters are not known."""
    first = np.ones(len(votes.item), dtype=bool)
    if votes.raters and int(voters_of(votes).sum()) < len(first):
        first[:] = False
        first[np.unique(votes.item * len(votes.raters) + votes.rater, return_index=True)[1]] = True
    return first


def _numbers(table: Floats) -> _HeldOut:
    rest = rest_means(table)
    there = np.isfinite(table)
    rows = there & np.isfinite(rest)
    item, rater = np.nonzero(rows)
    return _HeldOut(item, rater, rest[rows], table[rows], 0, int((there & ~rows).sum()))


def _interval(
    held: _HeldOut, metric: Metric, items: int, rounds: int, rng: Rng, groups: Any, level: float
) -> tuple[float, float] | None:
    """Percentiles of the pooled metric over draws of items, all votes of an item drawn together."""
    place = np.arange(len(held.item))
    scores = []
    for weights in draws(items, rounds, np.random.default_rng(rng), groups):
        for row in weights.astype(np.int64):
            chosen = np.repeat(place, row[held.item])
            scores.append(float(metric(held.rest[chosen], held.own[chosen])) if len(chosen) else float("nan"))
    low, high = percentiles(np.array(scores), level)
    return (float(low), float(high)) if np.isfinite([low, high]).all() else None


def _model(
    held: _HeldOut, metric: Metric, ratings: Votes | Any, form: str, predictions: Any
) -> tuple[float, float, float]:
    if predictions is None:
        return (float("nan"),) * 3
    values = plain(predictions)
    if isinstance(ratings, Votes) and form == "labels":
        answers: NDArray[Any] = _class_numbers(ratings, list(values))
    else:
        answers = np.asarray(values, dtype=np.float64)
    items = len(ratings) if isinstance(ratings, Votes) else len(matrix(ratings))
    if len(answers) != items:
        raise RequestError(f"predictions must be one for each of the {items} items, got {len(answers)}")
    model = answers[held.item]
    scores = (metric(held.rest, model), metric(held.own, model), metric(held.own, held.rest))
    return float(scores[0]), float(scores[1]), float(scores[2])


def _class_numbers(votes: Votes, answers: list[Any]) -> Integers:
    place: dict[Any, int] = {name: number for number, name in enumerate(votes.labels)}
    place |= {number: number for number in range(len(votes.labels)) if number not in place}
    unknown = [answer for answer in answers if answer not in place]
    if unknown:
        raise RequestError(f"a prediction is {unknown[0]!r}; allowed: {', '.join(votes.labels)}, or class numbers")
    return np.array([place[answer] for answer in answers], dtype=np.int64)
