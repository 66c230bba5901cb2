"""Metrics: pure functions from arrays to numbers, each known by its id; intervals by bootstrap.

>>> from mien.metrics import METRICS
>>> METRICS["uar"].better
'higher'
"""

from __future__ import annotations

from mien.metrics.metric import METRICS, Metric, metric
from mien.metrics.score import Score

__all__ = ["METRICS", "Metric", "Score", "metric"]
