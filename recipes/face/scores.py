"""Accuracy, recalls, calibration error and bootstrap intervals, and the two choices made on even rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from data import CLASSES
from numpy.typing import NDArray

Array = NDArray[np.float64]
TAUS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)


def softmax(logits: Array) -> Array:
    power = np.exp(logits - logits.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


def recalls(answer: NDArray[np.int64], truth: NDArray[np.int64]) -> Array:
    """Share of each class found (8,), NaN for a class that does not occur."""
    hit = np.bincount(truth[answer == truth], minlength=len(CLASSES))
    count = np.bincount(truth, minlength=len(CLASSES)).astype(float)
    return np.divide(hit, count, out=np.full(len(CLASSES), np.nan), where=count > 0)


def accuracy_and_uar(logits: Array, truth: NDArray[np.int64]) -> tuple[float, float]:
    answer = logits.argmax(axis=1)
    return float((answer == truth).mean()), float(np.nanmean(recalls(answer, truth)))


def calibration_error(probabilities: Array, truth: NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error of the top label, equal-width bins."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[bin_of == b].sum() - right[bin_of == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(truth))


def choose_tau(logits: Array, truth: NDArray[np.int64], prior: Array) -> tuple[float, list[dict[str, float]]]:
    """Among the taus within .01 of the best accuracy, the one with the best UAR; and the table."""
    rows = []
    for tau in TAUS:
        accuracy, uar = accuracy_and_uar(logits - tau * np.log(prior), truth)
        rows.append({"tau": tau, "accuracy": accuracy, "uar": uar})
    best = max(row["accuracy"] for row in rows)
    near = [row for row in rows if row["accuracy"] >= best - 0.01]
    return max(near, key=lambda row: row["uar"])["tau"], rows


def choose_temperature(logits: Array, truth: NDArray[np.int64]) -> float:
    """The temperature of least negative log likelihood, on a grid of .01."""

    def cost(temperature: float) -> float:
        p = softmax(logits / temperature)
        return float(-np.log(p[np.arange(len(truth)), truth]).mean())

    return min(np.arange(0.3, 2.0, 0.01).round(2).tolist(), key=cost)


def report(logits: Array, truth: NDArray[np.int64], *, rounds: int = 2000, seed: int = 0) -> dict[str, Any]:
    """All scores with 95 % bootstrap intervals over faces."""
    answer = logits.argmax(axis=1)
    random = np.random.default_rng(seed)
    draws = random.integers(0, len(truth), (rounds, len(truth)))
    per_class = np.array([recalls(answer[rows], truth[rows]) for rows in draws])
    right = np.array([(answer[rows] == truth[rows]).mean() for rows in draws])
    found = recalls(answer, truth)
    classes = {
        name: {
            "n": int((truth == c).sum()),
            "recall": _round(found[c]),
            "interval": _interval(per_class[:, c]),
            "precision": _round((truth[answer == c] == c).mean()) if (answer == c).any() else None,
        }
        for c, name in enumerate(CLASSES)
    }
    accuracy, uar = accuracy_and_uar(logits, truth)
    return {
        "n": len(truth),
        "accuracy": _round(accuracy),
        "accuracy_interval": _interval(right),
        "uar": _round(uar),
        "uar_interval": _interval(np.nanmean(per_class, axis=1)),
        "ece": _round(calibration_error(softmax(logits), truth)),
        "classes": classes,
    }


def _interval(values: Array) -> list[float]:
    return [_round(v) for v in np.nanpercentile(values, [2.5, 97.5])]


def _round(value: float) -> float:
    return round(float(value), 4)
