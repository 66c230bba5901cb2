"""One prediction head per rater: losses that skip missing ratings, and how the heads are brought together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Booleans, Floats, Integers, matrix, plain
from mien.raters.bootstrap import ratio
from mien.raters.losses import log_softmax, softmax


@dataclass(frozen=True, slots=True, eq=False)
class RaterLoss:
    """Cross-entropy of per-rater heads, in nats.

    over_ratings: mean over all ratings; per_rater: float64, shape (raters,), NaN for a rater without a rating;
    over_raters: mean of the raters that have one, each counting alike.
    """

    over_ratings: float
    per_rater: Floats
    over_raters: float


def rater_loss(logits: Any, ratings: Any) -> RaterLoss:
    """The loss of logits, shape (items, raters, classes), against ratings: classes, shape (items, raters), -1 missing.

    Missing ratings count nowhere. All NaN where there is no rating. RequestError for unlike shapes or unknown classes.
    """
    scores, codes = _checked(logits, ratings)
    there = codes >= 0
    picked = np.take_along_axis(log_softmax(scores), np.maximum(codes, 0)[:, :, None], axis=2)[:, :, 0]
    loss = np.where(there, -picked, 0.0)
    number = there.sum(axis=0).astype(np.float64)
    per_rater = ratio(loss.sum(axis=0), number)
    seen = per_rater[number > 0]
    total = float(number.sum())
    return RaterLoss(
        float(loss.sum() / total) if total else float("nan"), per_rater, float(seen.mean()) if total else float("nan")
    )


def fused(logits: Any, ratings: Any = None) -> Floats:
    """The heads' softmax outputs averaged, shape (items, classes).

    ratings: None = each head counts alike; else classes of shape (training items, raters), -1 missing, and each head
    counts by the rater's number of ratings.
    """
    heads = softmax(_cube(logits))
    if ratings is None:
        return np.asarray(heads.mean(axis=1))
    number = (_classes(ratings) >= 0).sum(axis=0).astype(np.float64)
    if number.shape != (heads.shape[1],) or not number.any():
        raise RequestError(f"ratings must have {heads.shape[1]} raters and at least one rating")
    return np.asarray(np.einsum("irc,r->ic", heads, number / number.sum()))


def rater_targets(ratings: Any, classes: int) -> Floats:
    """Soft targets of ratings, shape (items, raters), -1 missing: shares of the classes, NaN for an unrated item."""
    codes = _classes(ratings)
    votes = (codes[:, :, None] == np.arange(classes)).sum(axis=1).astype(np.float64)
    return ratio(votes, votes.sum(axis=1, keepdims=True))


def rater_accuracy(logits: Any, ratings: Any) -> Floats:
    """Share of each rater's ratings that its own head finds, shape (raters,), NaN without a rating."""
    scores, codes = _checked(logits, ratings)
    right: Booleans = (scores.argmax(axis=2) == codes) & (codes >= 0)
    return ratio(right.sum(axis=0).astype(np.float64), (codes >= 0).sum(axis=0).astype(np.float64))


def _checked(logits: Any, ratings: Any) -> tuple[Floats, Integers]:
    scores, codes = _cube(logits), _classes(ratings)
    if scores.shape[:2] != codes.shape:
        raise RequestError(f"logits are for {scores.shape[:2]} items and raters, ratings for {codes.shape}")
    if codes.max() >= scores.shape[2]:
        raise RequestError(f"a rating is {codes.max()}, but there are {scores.shape[2]} classes (0 is the first)")
    return scores, codes


def _cube(logits: Any) -> Floats:
    try:
        array = np.asarray(plain(logits), dtype=np.float64)
    except (TypeError, ValueError):
        raise RequestError("logits must be numbers of shape (items, raters, classes)") from None
    if array.ndim != 3:
        raise RequestError(f"logits must have shape (items, raters, classes), got {array.shape}")
    return array


def _classes(ratings: Any) -> Integers:
    """Class numbers, -1 where missing (-1, None or NaN)."""
    table = matrix(ratings)
    codes = np.where(np.isfinite(table), table, -1.0)
    if (codes < -1).any() or (codes != np.floor(codes)).any():
        raise RequestError("ratings must be class numbers from 0 on, -1 where missing")
    return codes.astype(np.int64)
