"""Metrics: pure functions from arrays to numbers, each known by its id; intervals by bootstrap.

>>> from mien.metrics import METRICS, evaluate
>>> METRICS["uar"].better
'higher'
>>> print(evaluate("accuracy", [0, 1, 1, 0], [0, 1, 0, 0], rounds=0))
accuracy 0.750 (n=4)
"""

from __future__ import annotations

# Each module enters its metrics into METRICS when it is imported.
from mien.metrics import calibration as calibration
from mien.metrics import classification as classification
from mien.metrics import detection as detection
from mien.metrics import distances as distances
from mien.metrics import gaps as gaps
from mien.metrics import influence as influence
from mien.metrics import judgment as judgment
from mien.metrics import kendall as kendall
from mien.metrics import label_ranking as label_ranking
from mien.metrics import missing as missing
from mien.metrics import multilabel as multilabel
from mien.metrics import ordinal as ordinal
from mien.metrics import ranking as ranking
from mien.metrics import regression as regression
from mien.metrics import robustness as robustness
from mien.metrics import selective as selective
from mien.metrics import sentiment as sentiment
from mien.metrics import steps as steps
from mien.metrics import synchrony as synchrony
from mien.metrics import turns as turns
from mien.metrics.bootstrap import bootstrap_values, interval
from mien.metrics.metric import METRICS, Metric, metric
from mien.metrics.score import Score, evaluate
from mien.metrics.significance import Comparison, compare, mcnemar

__all__ = [
    "METRICS",
    "Comparison",
    "Metric",
    "Score",
    "bootstrap_values",
    "compare",
    "evaluate",
    "interval",
    "mcnemar",
    "metric",
]
