"""Answering only where one is sure: risk at each coverage, and the area under it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers, as_numbers, same_length
from mien.metrics.metric import metric


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


@metric(
    "aurc",
    kind="probability",
    better="lower",
    formula="mean over items, most confident first, of the risk among the items so far",
    reference="Geifman, Uziel, El-Yaniv 2019 (risk-coverage curve)",
)
def aurc(truth: Any, prediction: Any) -> float:
    """Area under the risk-coverage curve: how wrong the answers are that a confidence would let through first.

    truth: (n,) losses (1 for a wrong answer); prediction: (n,) confidences. In [0, 1]; ties are covered together.
    """
    coverage, risk = risk_coverage(truth, prediction)
    return float((np.diff(coverage, prepend=0) * risk).sum())


@metric(
    "excess_aurc",
    kind="probability",
    better="lower",
    formula="aurc - aurc of the best possible order of the same answers",
    reference="Geifman, Uziel, El-Yaniv 2019",
)
def excess_aurc(truth: Any, prediction: Any) -> float:
    """Risk-coverage area above that of an order that puts all right answers first.

    truth: (n,) losses (1 for a wrong answer); prediction: (n,) confidences. 0 at best.
    """
    losses = np.sort(as_numbers(truth, name="truth"))
    best = (np.cumsum(losses) / np.arange(1, len(losses) + 1)).mean()
    return aurc(truth, prediction) - float(best)
