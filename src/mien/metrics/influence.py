"""Emotional influence in a conversation: labels that persist, labels that pass over, tracks that drift together.

>>> found = inertia(["A", "B", "A", "B"], ["joy", "joy", "fear", "fear"])
>>> found.intra, found.inter
(0.0, 0.6666666666666666)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_labels, as_numbers, coded, paired_numbers, same_length
from mien.metrics.metric import metric
from mien.metrics.synchrony import _overlap, _pearson
from mien.metrics.turns import CARD


@dataclass(frozen=True, slots=True)
class Inertia:
    """How labels go on from turn to turn.

    intra: share of turns with the label of the same speaker's turn before; inter: share of the turns that follow
    another speaker's turn with the label of that turn; n_intra, n_inter: the turns counted (NaN share where 0);
    labels, counts, probabilities: label of the other speaker's turn -> label of the next (rows without turns stay 0).
    """

    intra: float
    inter: float
    n_intra: int
    n_inter: int
    labels: tuple[Any, ...]
    counts: NDArray[np.int64]
    probabilities: Numbers


@dataclass(frozen=True, slots=True)
class Match:
    """Two label tracks at one lag: share of equal labels, Cohen's kappa (NaN where undefined), moments compared."""

    match: float
    kappa: float
    n: int


@dataclass(frozen=True, slots=True)
class Influence:
    """e_b(t) = own e_b(t-1) + other e_a(t-1) + constant.

    own, other: coefficients; interval: 95 % of `other` by moving-block bootstrap; f, dof: F of adding the other's past
    and its degrees of freedom (Granger); n: moments.
    """

    own: float
    other: float
    interval: tuple[float, float]
    f: float
    dof: tuple[int, int]
    n: int


def inertia(speakers: Any, labels: Any, *, order: Any = None) -> Inertia:
    """Intra- and inter-speaker inertia and the table of labels from one speaker's turn to the next speaker's.

    speakers, labels: one a turn, in order of time; order: all labels in the order of the table (default: those that
    occur, sorted). RequestError: unequal lengths, a label that `order` lacks.
    """
    who = as_labels(speakers, name="speakers")
    codes = coded(labels, labels, labels=order)
    same_length(who, codes.truth, names=("speakers", "labels"))
    if (codes.truth < 0).any():
        odd = as_labels(labels)[codes.truth < 0][0]
        raise RequestError(f"labels: {odd!r} is not among the allowed: {', '.join(map(str, codes.labels))}")
    own: list[bool] = []
    last: dict[Any, int] = {}
    for name, code in zip(who.tolist(), codes.truth.tolist(), strict=True):
        if name in last:
            own.append(last[name] == code)
        last[name] = code
    turned = who[1:] != who[:-1]
    before, after = codes.truth[:-1][turned], codes.truth[1:][turned]
    counts = np.zeros((len(codes.labels),) * 2, dtype=np.int64)
    np.add.at(counts, (before, after), 1)
    rows = counts.sum(axis=1, keepdims=True)
    return Inertia(
        _mean(own), _mean(before == after), len(own), len(before), codes.labels, counts, counts / np.maximum(rows, 1)
    )


def label_profile(x: Any, y: Any, *, max_lag: int) -> dict[int, Match]:
    """Lag in samples -> how far the labels x(t) and y(t+lag) agree; at a positive lag x leads.

    RequestError: unequal lengths, or max_lag not within 0 .. n - 1.
    """
    codes = coded(x, y)
    count = len(codes.truth)
    if not 0 <= max_lag < count:
        raise RequestError(f"max_lag {max_lag}: allowed are 0 to {count - 1} for {count} labels")
    profile = {}
    for lag in range(-max_lag, max_lag + 1):
        one, other = _overlap(codes.truth, codes.prediction, lag)  # type: ignore[arg-type]
        profile[lag] = Match(float((one == other).mean()), _kappa(one, other, len(codes.labels)), len(one))
    return profile


def best_lag(profile: dict[int, Match]) -> int | None:
    """The lag with the highest kappa (the smallest such lag); None where no kappa is defined."""
    defined = [(found.kappa, -abs(lag), lag) for lag, found in profile.items() if not math.isnan(found.kappa)]
    return max(defined)[2] if defined else None


@metric(
    "convergence", kind="interaction", better="neither",
    formula="Pearson r of the distance of two persons with the index of the turn", reference=CARD,
)  # fmt: skip
def convergence(distance: Any) -> float:
    """Whether two persons become alike: correlation of their distance per turn with time; negative means they do.

    distance: (n,) distances in order of time. NaN where the distance is constant or there are fewer than 2 turns.
    """
    values = as_numbers(distance, name="distance")
    return _pearson(values, np.arange(len(values), dtype=np.float64))


@metric(
    "entrainment", kind="interaction", better="neither",
    formula="mean |d| over non-adjacent turns of two speakers - mean |d| over adjacent ones", reference=CARD,
)  # fmt: skip
def entrainment(speakers: Any, values: Any) -> float:
    """How much more alike neighbouring turns of different speakers are than other turns of theirs; positive: they are.

    speakers, values: one a turn, in order of time (mean pitch, intensity, rate). NaN where there are no such pairs.
    """
    who, numbers = as_labels(speakers, name="speakers"), as_numbers(values)
    same_length(who, numbers, names=("speakers", "values"))
    difference = np.abs(numbers[:, None] - numbers[None])
    differ = np.triu(who[:, None] != who[None], k=1)
    near = np.eye(len(who), k=1, dtype=bool)
    return _mean(difference[differ & ~near]) - _mean(difference[differ & near])


def influence(a: Any, b: Any, *, block: int = 10, rounds: int = 1000, seed: int = 0) -> Influence:
    """How far person a's last value tells b's next one beyond b's own (lagged regression by least squares).

    a, b: (n,) values in the same moments, e.g. valence per turn pair; block: length of the resampled blocks in moments.
    RequestError: fewer than 8 moments, or tracks that are constant or copies of each other.
    """
    first, second = paired_numbers(a, b, names=("a", "b"))
    n = len(first) - 1
    if n < 7 or not 1 <= block <= n or rounds < 1:
        raise RequestError(f"{n + 1} moments, block {block}: at least 8 moments and blocks of 1 to {n} are needed")
    past = np.column_stack([second[:-1], first[:-1], np.ones(n)])
    if np.linalg.matrix_rank(past) < 3:
        raise RequestError("a, b: constant or copies of each other, so their influence cannot be told apart")
    target = second[1:]
    weights, left = _fit(past, target)
    _, alone = _fit(past[:, [0, 2]], target)
    starts = np.random.default_rng(seed).integers(0, n - block + 1, size=(rounds, -(-n // block)))
    picks = (starts[:, :, None] + np.arange(block)).reshape(rounds, -1)[:, :n]
    others = [_fit(past[pick], target[pick])[0][1] for pick in picks]
    low, high = np.quantile(others, [0.025, 0.975])
    f = (alone - left) / (left / (n - 3)) if left > 0 else math.inf
    return Influence(float(weights[0]), float(weights[1]), (float(low), float(high)), float(f), (1, n - 3), n)


def _fit(past: Numbers, target: Numbers) -> tuple[Numbers, float]:
    weights: Numbers = np.asarray(np.linalg.lstsq(past, target, rcond=None)[0], dtype=np.float64)
    rest = target - past @ weights
    return weights, float(rest @ rest)


def _kappa(x: NDArray[Any], y: NDArray[Any], size: int) -> float:
    observed = float((x == y).mean())
    expected = float(np.bincount(x, minlength=size) @ np.bincount(y, minlength=size)) / len(x) ** 2
    return (observed - expected) / (1 - expected) if expected < 1 else math.nan


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else math.nan
