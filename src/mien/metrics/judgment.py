"""Yes-or-no judgments with a way out: how often yes, how often no answer, and what is right on each side.

Balanced accuracy is `uar`: the mean recall over both verdicts, where no answer is wrong.

>>> positive_ratio(["correct", "incorrect"], ["correct", "abstain"])
0.5
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.metrics.arrays import Labels, paired
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, ratio

SOURCE = "Customizing Visual Emotion Evaluation for MLLMs (MVEI), arXiv 2509.21950"


def _shares(above: Any, below: Any) -> Sums:
    """sum of `above` over sum of `below`, both (n,) of 0 and 1."""
    rows = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    which = 2 * np.asarray(above, dtype=np.int64) + np.asarray(below, dtype=np.int64)
    return Sums(which, rows, 2, lambda totals: ratio(totals[..., 0], totals[..., 1]))


def _text(truth: Any, prediction: Any) -> tuple[Labels, Labels]:
    return paired(truth, prediction)


def _positive_ratio(truth: Any, prediction: Any, *, positive: str = "correct") -> Sums:
    said = _text(truth, prediction)[1]
    return _shares(said == positive, np.ones(len(said)))


@metric(
    "positive_ratio",
    kind="classification",
    better="neither",
    formula="answers that are `positive` / items",
    reference=SOURCE,
    sums=_positive_ratio,
)
def positive_ratio(truth: Any, prediction: Any, *, positive: str = "correct") -> float:
    """Share of items that were answered with yes; compare it with the share that is true.

    truth, prediction: (n,) labels. In [0, 1].
    """
    return _positive_ratio(truth, prediction, positive=positive).whole()


def _give_up_ratio(truth: Any, prediction: Any, *, abstain: str = "abstain") -> Sums:
    said = _text(truth, prediction)[1]
    return _shares(said == abstain, np.ones(len(said)))


@metric(
    "give_up_ratio",
    kind="classification",
    better="lower",
    formula="items without an answer / items",
    reference=SOURCE,
    sums=_give_up_ratio,
)
def give_up_ratio(truth: Any, prediction: Any, *, abstain: str = "abstain") -> float:
    """Share of items without a readable answer.

    truth, prediction: (n,) labels; abstain: how a missing answer is written. In [0, 1].
    """
    return _give_up_ratio(truth, prediction, abstain=abstain).whole()


def _answered_accuracy(truth: Any, prediction: Any, *, abstain: str = "abstain") -> Sums:
    true, said = _text(truth, prediction)
    return _shares(true == said, said != abstain)


@metric(
    "answered_accuracy",
    kind="classification",
    better="higher",
    formula="right answers / items with an answer",
    reference="Mien: accuracy beside which the give-up ratio must stand",
    undefined="nothing was answered",
    sums=_answered_accuracy,
)
def answered_accuracy(truth: Any, prediction: Any, *, abstain: str = "abstain") -> float:
    """Share of right answers among the items that were answered at all.

    truth, prediction: (n,) labels. In [0, 1]; NaN where nothing was answered.
    """
    return _answered_accuracy(truth, prediction, abstain=abstain).whole()


def _sensitivity(truth: Any, prediction: Any, *, positive: str = "correct") -> Sums:
    true, said = _text(truth, prediction)
    return _shares((true == positive) & (said == positive), true == positive)


@metric(
    "sensitivity",
    kind="classification",
    better="higher",
    formula="true items that were answered with yes / true items",
    reference="recall of the positive class",
    undefined="no item is true",
    sums=_sensitivity,
)
def sensitivity(truth: Any, prediction: Any, *, positive: str = "correct") -> float:
    """Share of the true items that were answered with yes.

    truth, prediction: (n,) labels. In [0, 1]; NaN where no item is true.
    """
    return _sensitivity(truth, prediction, positive=positive).whole()


def _specificity(truth: Any, prediction: Any, *, positive: str = "correct") -> Sums:
    true, said = _text(truth, prediction)
    return _shares((true != positive) & (said == true), true != positive)


@metric(
    "specificity",
    kind="classification",
    better="higher",
    formula="untrue items that were answered with no / untrue items",
    reference="recall of the negative class",
    undefined="every item is true",
    sums=_specificity,
)
def specificity(truth: Any, prediction: Any, *, positive: str = "correct") -> float:
    """Share of the untrue items that were answered with no; giving up does not count as no.

    truth, prediction: (n,) labels. In [0, 1]; NaN where every item is true.
    """
    return _specificity(truth, prediction, positive=positive).whole()
