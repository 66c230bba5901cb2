"""What a score is worth: the same metric for answers that look at nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import as_labels, as_numbers
from mien.metrics.metric import METRICS


def majority(truth: Any) -> Any:
    """The most frequent label of (n,); of several, the first in sorted order.

    >>> majority(["joy", "fear", "joy"])
    'joy'
    """
    labels, counts = np.unique(as_labels(truth, name="truth"), return_counts=True)
    return labels[counts.argmax()].item()


def best_constant(metric_id: str, truth: Any, **options: Any) -> tuple[Any, float]:
    """The one answer that scores best when given for every item of (n,), and its score.

    Labels are all tried; for numbers the mean and the median are (the best constants of squared and absolute error) and
    the truth's own values where there are at most 50. (None, NaN) where no constant has a score, as for correlations.
    RequestError: a metric that compares neither labels nor numbers one an item, or has no direction.
    """
    entry = METRICS[metric_id]
    if entry.kind not in ("classification", "regression") or entry.better == "neither":
        raise RequestError(f"{metric_id}: a constant answer has no place in this metric")
    if entry.kind == "classification":
        gold = as_labels(truth, name="truth")
        candidates = np.unique(gold).tolist()
    else:
        gold = as_numbers(truth, name="truth")
        own = np.unique(gold)
        candidates = [float(gold.mean()), float(np.median(gold)), *(own.tolist() if len(own) <= 50 else [])]
    scored = [(value, float(entry.compute(gold, [value] * len(gold), **options))) for value in candidates]
    known = [pair for pair in scored if not np.isnan(pair[1])]
    if not known:
        return None, float("nan")
    if entry.better == "higher":
        return max(known, key=lambda pair: pair[1])
    return min(known, key=lambda pair: abs(pair[1]) if entry.better == "zero" else pair[1])
