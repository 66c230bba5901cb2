"""Distributions against distributions: how far a predicted share of labels lies from the votes' share, per item.

Rows are shares over the same labels in the same order; each metric is the mean over items of one distance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_numbers
from mien.metrics.metric import metric
from mien.metrics.probabilities import distributions
from mien.metrics.sums import Sums, mean_of, ratio

Distance = Callable[..., Numbers]


def kl(truth: Numbers, prediction: Numbers, *, floor: float = 0.0) -> Numbers:
    """KL(truth || prediction) of rows (..., k) in nats, 0 log 0 = 0; infinite where a label of the truth gets 0.

    floor: predictions below it count as it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(truth > 0, truth * np.log(truth / np.maximum(prediction, floor)), 0.0)
    return np.asarray(terms.sum(axis=-1))


def cross_entropy(truth: Numbers, prediction: Numbers, *, floor: float = 1e-15) -> Numbers:
    """-sum truth ln prediction of rows (..., k), in nats; predictions below `floor` count as it."""
    return np.asarray(-(truth * np.log(np.maximum(prediction, floor))).sum(axis=-1))


def js(truth: Numbers, prediction: Numbers) -> Numbers:
    """Jensen-Shannon divergence of rows (..., k) in bits, in [0, 1]."""
    middle = (truth + prediction) / 2
    return np.asarray(np.maximum(kl(truth, middle) + kl(prediction, middle), 0) / (2 * np.log(2)))


def js_distance(truth: Numbers, prediction: Numbers) -> Numbers:
    """Square root of the Jensen-Shannon divergence (base 2): a metric in [0, 1]."""
    return np.sqrt(js(truth, prediction))


def total_variation(truth: Numbers, prediction: Numbers) -> Numbers:
    """Half the sum of absolute differences of rows (..., k): the share that would have to move, in [0, 1]."""
    return np.asarray(np.abs(truth - prediction).sum(axis=-1) / 2)


def hellinger(truth: Numbers, prediction: Numbers) -> Numbers:
    """Hellinger distance of rows (..., k), in [0, 1]."""
    return np.asarray(np.sqrt(((np.sqrt(truth) - np.sqrt(prediction)) ** 2).sum(axis=-1) / 2))


def emd(truth: Numbers, prediction: Numbers, *, positions: Any = None) -> Numbers:
    """Earth mover's distance of rows (..., k) over labels in an order.

    positions: (k,) ascending places of the labels, by default 0..k-1 (so the unit is one step).
    """
    apart = np.abs(np.cumsum(truth - prediction, axis=-1)[..., :-1])
    return np.asarray((apart * _steps(positions, truth.shape[-1])).sum(axis=-1))


def _steps(positions: Any, columns: int) -> Numbers:
    if positions is None:
        return np.ones(columns - 1)
    places = as_numbers(positions, name="positions")
    if len(places) != columns or (np.diff(places) <= 0).any():
        raise RequestError(f"positions: {columns} ascending numbers are needed")
    return np.asarray(np.diff(places))


def cosine(truth: Numbers, prediction: Numbers) -> Numbers:
    """Cosine of the angle between rows (..., k), in [0, 1]."""
    norms = np.linalg.norm(truth, axis=-1) * np.linalg.norm(prediction, axis=-1)
    return np.minimum(ratio((truth * prediction).sum(axis=-1), norms), 1)


def intersection(truth: Numbers, prediction: Numbers) -> Numbers:
    """Sum of the smaller shares of rows (..., k): 1 - total variation."""
    return np.asarray(np.minimum(truth, prediction).sum(axis=-1))


def chi_square(truth: Numbers, prediction: Numbers) -> Numbers:
    """Symmetric chi-square distance of rows (..., k), sum (t - p)^2 / (t + p) / 2, in [0, 1]."""
    return np.asarray(_shares((truth - prediction) ** 2, truth + prediction).sum(axis=-1) / 2)


def chebyshev(truth: Numbers, prediction: Numbers) -> Numbers:
    """Largest absolute difference of rows (..., k), in [0, 1]."""
    return np.asarray(np.abs(truth - prediction).max(axis=-1))


def clark(truth: Numbers, prediction: Numbers) -> Numbers:
    """Clark distance of rows (..., k), sqrt sum ((t - p) / (t + p))^2, in [0, sqrt k]."""
    return np.asarray(np.sqrt((_shares(truth - prediction, truth + prediction) ** 2).sum(axis=-1)))


def canberra(truth: Numbers, prediction: Numbers) -> Numbers:
    """Canberra distance of rows (..., k), sum |t - p| / (t + p), in [0, k]."""
    return np.asarray(_shares(np.abs(truth - prediction), truth + prediction).sum(axis=-1))


def euclidean(truth: Numbers, prediction: Numbers) -> Numbers:
    """Euclidean distance of rows (..., k), in [0, sqrt 2]."""
    return np.asarray(np.linalg.norm(truth - prediction, axis=-1))


def _shares(above: Numbers, below: Numbers) -> Numbers:
    """above / below, 0 where both shares are 0."""
    return np.nan_to_num(ratio(above, below))


def _top(truth: Numbers, prediction: Numbers) -> Numbers:
    """1 where the row's largest predicted share is on a label that no other label of the truth beats, else 0."""
    chosen = np.take_along_axis(truth, prediction.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    return np.asarray(chosen == truth.max(axis=-1), dtype=np.float64)


LDL = "Geng 2016 (label distribution learning)"
Better = Literal["higher", "lower"]
ENTRIES: tuple[tuple[str, Distance, Better, str, str], ...] = (
    ("kl", kl, "lower", "mean sum t ln(t / p)", "Kullback and Leibler 1951; " + LDL),
    ("soft_cross_entropy", cross_entropy, "lower", "mean -sum t ln p", "Shannon 1948; soft labels"),
    ("js", js, "lower", "mean (KL(t || m) + KL(p || m)) / 2 in bits, m = (t + p) / 2", "Lin 1991"),
    ("js_distance", js_distance, "lower", "mean sqrt(js)", "Endres and Schindelin 2003; scipy jensenshannon(base=2)"),
    ("total_variation", total_variation, "lower", "mean sum |t - p| / 2", "Gibbs and Su 2002"),
    ("hellinger", hellinger, "lower", "mean sqrt(sum (sqrt t - sqrt p)^2 / 2)", "Hellinger 1909"),
    ("emd", emd, "lower", "mean sum |cumulated t - cumulated p| x step", "Vallender 1974; Rubner et al. 2000"),
    ("cosine", cosine, "higher", "mean t.p / (|t| |p|)", LDL),
    ("intersection", intersection, "higher", "mean sum min(t, p)", LDL),
    ("chi_square", chi_square, "lower", "mean sum (t - p)^2 / (t + p) / 2", "Cha 2007"),
    ("chebyshev", chebyshev, "lower", "mean max |t - p|", LDL),
    ("clark", clark, "lower", "mean sqrt(sum ((t - p) / (t + p))^2)", LDL),
    ("canberra", canberra, "lower", "mean sum |t - p| / (t + p)", LDL),
    ("euclidean", euclidean, "lower", "mean sqrt(sum (t - p)^2)", "Cha 2007"),
    (
        "top_agreement",
        _top,
        "higher",
        "share of items whose top predicted label is a top label of the truth",
        "this package",
    ),
)


def _enter(id: str, distance: Distance, better: Better, formula: str, reference: str) -> None:
    """One id: the mean over items of a distance of rows."""

    def sums(truth: Any, prediction: Any, **options: Any) -> Sums:
        first, second = distributions(truth, name="truth"), distributions(prediction)
        if first.shape != second.shape:
            raise RequestError(f"truth has the shape {first.shape}, prediction {second.shape}; they must agree")
        return mean_of(distance(first, second, **options))

    def compute(truth: Any, prediction: Any, **options: Any) -> float:
        return sums(truth, prediction, **options).whole()

    compute.__doc__ = (distance.__doc__ or "").splitlines()[0].replace("rows (..., k)", "two distributions (n, k)")
    enter = metric(id, kind="distribution", better=better, formula=formula, reference=reference, sums=sums)
    enter(compute)


for entry in ENTRIES:
    _enter(*entry)
