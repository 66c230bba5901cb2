"""Two classes, one of them looked for: detection and false alarms, F1 of the positive class."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers, is_label, paired
from mien.metrics.confusion import Measure, cell_sums, f1s, precisions
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, ratio


def _two(truth: Any, prediction: Any, positive: Any, value: Measure) -> Sums:
    """A metric of the table [[rest right, false alarms], [missed, found]]."""
    first, second = paired(truth, prediction)
    cells = 2 * is_label(first, positive).astype(np.int64) + is_label(second, positive)
    return cell_sums(cells, (2, 2), value)


def _detection(truth: Any, prediction: Any, *, positive: Any = 1) -> Sums:
    return _two(truth, prediction, positive, lambda counts: ratio(counts[..., 1, 1], counts[..., 1, :].sum(axis=-1)))


@metric(
    "detection_rate",
    kind="classification",
    better="higher",
    formula="tp / (tp + fn)",
    reference="recall of the positive class; MDPE (Cai et al. 2024)",
    undefined="the truth has no positive item",
    sums=_detection,
)
def detection_rate(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """Share of the positive items that are found (recall, sensitivity).

    truth, prediction: (n,) labels; positive: the label looked for, all others are the rest. In [0, 1].

    >>> detection_rate([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    return _detection(truth, prediction, positive=positive).whole()


def _false_alarm(truth: Any, prediction: Any, *, positive: Any = 1) -> Sums:
    return _two(truth, prediction, positive, lambda counts: ratio(counts[..., 0, 1], counts[..., 0, :].sum(axis=-1)))


@metric(
    "false_alarm_rate",
    kind="classification",
    better="lower",
    formula="fp / (fp + tn)",
    reference="MDPE (Cai et al. 2024)",
    undefined="the truth has positive items only",
    sums=_false_alarm,
)
def false_alarm_rate(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """Share of the other items that are taken for positive.

    truth, prediction: (n,) labels; positive: the label looked for. In [0, 1].
    """
    return _false_alarm(truth, prediction, positive=positive).whole()


def _f1(truth: Any, prediction: Any, *, positive: Any = 1) -> Sums:
    return _two(truth, prediction, positive, lambda counts: np.asarray(f1s(counts)[..., 1]))


@metric(
    "f1_positive",
    kind="classification",
    better="higher",
    formula="2 tp / (2 tp + fp + fn)",
    reference="scikit-learn f1_score(average='binary')",
    undefined="the positive label is in neither truth nor prediction",
    sums=_f1,
)
def f1_positive(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """F1 of the positive class alone.

    truth, prediction: (n,) labels; positive: the label looked for. In [0, 1].
    """
    return _f1(truth, prediction, positive=positive).whole()


def _precision(truth: Any, prediction: Any, *, positive: Any = 1) -> Sums:
    return _two(truth, prediction, positive, lambda counts: np.asarray(precisions(counts)[..., 1]))


@metric(
    "precision_positive",
    kind="classification",
    better="higher",
    formula="tp / (tp + fp)",
    reference="scikit-learn precision_score(average='binary')",
    undefined="the positive label is in neither truth nor prediction",
    sums=_precision,
)
def precision_positive(truth: Any, prediction: Any, *, positive: Any = 1) -> float:
    """Share of the answers "positive" that are right; 0 where there are positives and none is answered.

    truth, prediction: (n,) labels; positive: the label looked for. In [0, 1].
    """
    return _precision(truth, prediction, positive=positive).whole()


def above(scores: Numbers, threshold: float) -> Any:
    """Scores as labels 1 and 0: positive strictly above the threshold, as an arg-max over two classes decides ties."""
    return (scores > threshold).astype(np.int64)
