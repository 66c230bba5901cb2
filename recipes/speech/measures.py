"""What is reported: recall, intervals, calibration. Arrays in, numbers out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def softmax(logits: NDArray[np.floating], temperature: float = 1.0) -> Array:
    """Probabilities along the last axis; -inf logits get 0."""
    scaled = np.asarray(logits, np.float64) / temperature
    power = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(power / power.sum(axis=-1, keepdims=True))


def recalls(truth: NDArray[np.int64], guess: NDArray[np.int64]) -> dict[int, float]:
    """Recall of each class that occurs."""
    return {int(c): float(np.mean(guess[truth == c] == c)) for c in np.unique(truth)}


def uar(truth: NDArray[np.int64], guess: NDArray[np.int64]) -> float:
    """Unweighted average recall."""
    return float(np.mean(list(recalls(truth, guess).values())))


def interval(
    truth: NDArray[np.int64], guess: NDArray[np.int64], speakers: Sequence[str], *, rounds: int = 500
) -> tuple[float, float]:
    """95 % interval of UAR: clips drawn again inside each speaker (too few speakers to draw those)."""
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(np.array(speakers) == s) for s in sorted(set(speakers))]
    values = []
    for _ in range(rounds):
        rows = np.concatenate([rng.choice(g, len(g)) for g in groups])
        values.append(uar(truth[rows], guess[rows]))
    low, high = np.quantile(values, [0.025, 0.975])
    return round(float(low), 3), round(float(high), 3)


def over_speakers(
    truth: NDArray[np.int64], guess: NDArray[np.int64], speakers: Sequence[str], *, rounds: int = 1000
) -> tuple[float, float]:
    """95 % interval of UAR: speakers drawn again (for tables in which each speaker was left out once)."""
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(np.array(speakers) == s) for s in sorted(set(speakers))]
    values = []
    for _ in range(rounds):
        rows = np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))])
        values.append(uar(truth[rows], guess[rows]))
    low, high = np.quantile(values, [0.025, 0.975])
    return round(float(low), 3), round(float(high), 3)


def ece(probabilities: Array, truth: NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error of the top label, equal-width bins."""
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(right[place == b].mean() - sure[place == b].mean()) * (place == b).mean() for b in np.unique(place)]
    return float(np.sum(gaps))


def nll(probabilities: Array, truth: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood in nats."""
    return float(-np.log(probabilities[np.arange(len(truth)), truth].clip(1e-9)).mean())


def temperature(logits: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood, on a grid from 0.5 to 5."""
    grid = np.exp(np.linspace(np.log(0.5), np.log(5.0), 93))
    return float(min(grid, key=lambda t: nll(softmax(logits, t), truth)))


def auc(score: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """Chance that a positive scores above a negative (ties count half)."""
    order = np.argsort(np.argsort(score, kind="stable")) + 1.0
    n, m = int(positive.sum()), int((~positive).sum())
    return float((order[positive].sum() - n * (n + 1) / 2) / (n * m))


def risk_coverage(score: NDArray[np.floating], right: NDArray[np.bool_]) -> dict[str, float]:
    """Share of wrong answers among the parts that score highest."""
    order = np.argsort(-score, kind="stable")
    shares = (1.0, 0.9, 0.8, 0.7, 0.5)
    return {f"{share:.0%}": round(float(1 - right[order[: round(share * len(order))]].mean()), 3) for share in shares}


def ccc(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Concordance correlation coefficient."""
    shift = (x.mean() - y.mean()) ** 2
    return float(2 * np.mean((x - x.mean()) * (y - y.mean())) / (x.var() + y.var() + shift))
