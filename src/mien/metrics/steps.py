"""Answers judged step by step: recognition (the last step), reasoning (the steps before it) and both together.

>>> cot(["joy"], [[1.0, 0.0, 1.0]])
0.75
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, mean_of

SOURCE = "MME-Emotion, arXiv 2508.09210; eval_cot/*/metrics/cal_metrics.py @0c265d8"
Steps = Sequence[Sequence[float]]


def step_values(scores: Steps) -> Numbers:
    """(n, 3): recognition, reasoning (0 where there is one step only) and number of steps of each answer.

    RequestError: an answer without steps.
    """
    rows = np.zeros((len(scores), 3))
    for place, steps in enumerate(scores):
        if not len(steps):
            raise RequestError(f"scores: item {place} has no steps; leave such answers out or give them one step of 0")
        earlier = steps[:-1]
        rows[place] = steps[-1], sum(earlier) / len(earlier) if len(earlier) else 0.0, len(steps)
    return rows


def _checked(truth: Any, prediction: Any) -> Numbers:
    if len(truth) != len(prediction):
        raise RequestError(f"truth has {len(truth)} items, prediction {len(prediction)}; they must agree")
    return step_values(prediction)


def _recognition(truth: Any, prediction: Any) -> Sums:
    return mean_of(_checked(truth, prediction)[:, 0])


@metric(
    "recognition",
    kind="multilabel",
    better="higher",
    formula="mean over answers of the last step's score",
    reference=SOURCE,
    sums=_recognition,
)
def recognition(truth: Any, prediction: Any) -> float:
    """Mean score of the last step of each answer, the one that names the emotion.

    truth: (n,) anything, only counted; prediction: n lists of step scores in [0, 1] (an unclamped published reader can
    give more). NaN without items.
    """
    return _recognition(truth, prediction).whole()


def _reasoning(truth: Any, prediction: Any) -> Sums:
    return mean_of(_checked(truth, prediction)[:, 1])


@metric(
    "reasoning",
    kind="multilabel",
    better="higher",
    formula="mean over answers of the mean of the steps before the last, 0 for an answer of one step",
    reference=SOURCE,
    sums=_reasoning,
)
def reasoning(truth: Any, prediction: Any) -> float:
    """Mean score of the steps before the last; an answer of one step has 0, however good it is.

    truth, prediction: as `recognition`.
    """
    return _reasoning(truth, prediction).whole()


def _cot(truth: Any, prediction: Any, *, alpha: float = 0.5) -> Sums:
    if not 0 <= alpha <= 1:
        raise RequestError(f"alpha is {alpha}; allowed: 0 (reasoning alone) to 1 (recognition alone)")
    rows = _checked(truth, prediction)
    return mean_of(alpha * rows[:, 0] + (1 - alpha) * rows[:, 1])


@metric(
    "cot",
    kind="multilabel",
    better="higher",
    formula="alpha x recognition + (1 - alpha) x reasoning",
    reference=SOURCE,
    sums=_cot,
)
def cot(truth: Any, prediction: Any, *, alpha: float = 0.5) -> float:
    """Recognition and reasoning weighed together; half of recognition for answers of one step.

    truth, prediction: as `recognition`; alpha: weight of recognition in [0, 1], RequestError outside.
    """
    return _cot(truth, prediction, alpha=alpha).whole()


def _steps(truth: Any, prediction: Any) -> Sums:
    return mean_of(_checked(truth, prediction)[:, 2])


@metric("steps", kind="multilabel", better="neither", formula="mean number of steps", reference=SOURCE, sums=_steps)
def steps(truth: Any, prediction: Any) -> float:
    """Mean number of steps of an answer; always read cot beside it.

    truth, prediction: as `recognition`.
    """
    return _steps(truth, prediction).whole()
