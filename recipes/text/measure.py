"""Figures of the recipe: F1, thresholds, Platt scaling, calibration error, intervals by resampling rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

CUTS = np.arange(0.05, 0.951, 0.01)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x, np.float64)))


def f1(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """F1 per column of two 0/1 matrices (n, k); 0 where nothing is true and nothing said."""
    hits = (truth * said).sum(0)
    return 2 * hits / np.maximum(truth.sum(0) + said.sum(0), 1)


def best_cut(truth: np.ndarray, p: np.ndarray) -> float:
    """The cut over .05....95 with the best F1, lowest of equals."""
    return float(CUTS[int(np.argmax([f1(truth[:, None], (p >= cut)[:, None])[0] for cut in CUTS]))])


def expected_cut(p: np.ndarray) -> float:
    """The cut over .05....95 at which calibrated probabilities themselves expect the best F1; rare labels do not sway it."""
    said = p[:, None] >= CUTS
    return float(CUTS[int(np.argmax(2 * (p[:, None] * said).sum(0) / np.maximum(p.sum() + said.sum(0), 1)))])


def platt(truth: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """Slope and shift that turn one class's scores into probabilities (slope kept positive)."""
    if truth.min() == truth.max():
        rate = (truth.sum() + 0.5) / (len(truth) + 1)
        return 1.0, float(np.log(rate / (1 - rate)) - scores.mean())
    model = LogisticRegression(C=10.0).fit(scores[:, None], truth)
    return max(float(model.coef_[0, 0]), 0.05), float(model.intercept_[0])


def ece(truth: np.ndarray, p: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of one class's probabilities: equal-width bins, weighted gaps."""
    which = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(truth[which == b].mean() - p[which == b].mean()) * (which == b).mean() for b in np.unique(which)]
    return float(sum(gaps))


def auc(truth: np.ndarray, p: np.ndarray) -> float:
    """Mean area under the ROC curve of the columns."""
    return float(np.mean([roc_auc_score(truth[:, k], p[:, k]) for k in range(truth.shape[1])]))


def interval(n: int, figure: Callable[[np.ndarray], float], *, seed: int = 0, times: int = 500) -> tuple[float, float]:
    """95 % interval of `figure(row numbers)` by resampling n rows."""
    rng = np.random.default_rng(seed)
    drawn = [figure(rng.integers(0, n, n)) for _ in range(times)]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))
