"""Answering only where one is sure: risk at each coverage, and the area under it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers, as_numbers, same_length
from mien.metrics.metric import metric
from mien.metrics.sums import Sums
from mien.metrics.weighted import Levels, weighted


def risk_coverage(wrong: Any, confidence: Any) -> tuple[Numbers, Numbers]:
    """Coverage (m,) and the mean loss among the items covered (m,), from the most confident item to all.

    wrong: (n,) losses, 1 for a wrong answer and 0 for a right one; confidence: (n,), any scale. Items of one confidence
    are covered together.

    >>> [part.tolist() for part in risk_coverage([0, 1], [0.9, 0.1])]
    [[0.5, 1.0], [0.0, 0.5]]
    """
    losses, sure = as_numbers(wrong, name="wrong"), as_numbers(confidence, name="confidence")
    same_length(losses, sure, names=("wrong", "confidence"))
    order = np.argsort(-sure, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(sure[order])), len(sure) - 1)
    covered = ends + 1
    return covered / len(sure), np.cumsum(losses[order])[ends] / covered


def _area(levels: Levels, losses: Numbers, weights: Numbers) -> float:
    """Mean over the weight, most confident level first, of the risk up to the level."""
    counts, lost = levels.sums(weights)[::-1], levels.sums(weights * losses)[::-1]
    risk = np.cumsum(lost) / np.maximum(np.cumsum(counts), 1)
    return float((counts * risk).sum() / counts.sum())


def _losses(truth: Any, prediction: Any) -> tuple[Numbers, Levels]:
    losses, sure = as_numbers(truth, name="truth"), as_numbers(prediction, name="prediction")
    same_length(losses, sure, names=("truth", "prediction"))
    return losses, Levels.of(sure)


def _aurc(truth: Any, prediction: Any) -> Sums:
    losses, levels = _losses(truth, prediction)
    return weighted(len(losses), lambda weights: _area(levels, losses, weights))


@metric(
    "aurc",
    kind="probability",
    better="lower",
    formula="mean over items, most confident first, of the risk among the items so far",
    reference="Geifman, Uziel, El-Yaniv 2019 (risk-coverage curve)",
    sums=_aurc,
)
def aurc(truth: Any, prediction: Any) -> float:
    """Area under the risk-coverage curve: how wrong the answers are that a confidence would let through first.

    truth: (n,) losses (1 for a wrong answer); prediction: (n,) confidences. In [0, 1] for such losses; items of one
    confidence are covered together.
    """
    return _aurc(truth, prediction).whole()


def _excess(truth: Any, prediction: Any) -> Sums:
    losses, levels = _losses(truth, prediction)
    order = np.argsort(losses, kind="stable")

    def value(weights: Numbers) -> float:
        best = np.repeat(losses[order], weights[order].astype(np.int64))
        lowest = (np.cumsum(best) / np.arange(1, len(best) + 1)).mean()
        return _area(levels, losses, weights) - float(lowest)

    return weighted(len(losses), value)


@metric(
    "excess_aurc",
    kind="probability",
    better="lower",
    formula="aurc - aurc of the best possible order of the same answers",
    reference="Geifman, Uziel, El-Yaniv 2019",
    sums=_excess,
)
def excess_aurc(truth: Any, prediction: Any) -> float:
    """Risk-coverage area above that of an order that puts all right answers first.

    truth: (n,) losses (1 for a wrong answer); prediction: (n,) confidences. 0 at best.
    """
    return _excess(truth, prediction).whole()
