"""Scores of the deception task for a whole test part, with the floor beside them; never a line about one person.

Telling lies from face and voice is weakly supported and harmful where it is believed: nothing here names a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.bootstrap import bootstrap_values, interval
from mien.metrics.metric import METRICS
from mien.page.tables import Cell, render

if TYPE_CHECKING:
    from mien.research.samples import Sample
    from mien.research.training.method import Method

USE_NOTE = (
    "Scores of the deception task of this data set. They are no evidence that a person lied: answers were given on "
    "instruction, the base rate is fixed by the design, and reading lies from face and voice is weakly supported."
)


@dataclass(frozen=True, slots=True)
class TaskReport:
    """accuracy, balanced: in [0, 1]; majority: accuracy of the constant answer; auc with its interval over people;
    detection_rate, false_alarm_rate, f1: of the class "lie"; people: how many; note: what the figures are not."""

    accuracy: float
    balanced: float
    majority: float
    auc: float
    auc_interval: tuple[float, float] | None
    detection_rate: float
    false_alarm_rate: float
    f1: float
    answers: int
    people: int
    note: str = USE_NOTE


def task_report(
    lies: Sequence[bool], scores: Sequence[float], people: Sequence[str], *, threshold: float = 0.5, rounds: int = 1000,
    seed: int = 0,
) -> TaskReport:  # fmt: skip
    """Figures of answers: whether each was a lie, its score in [0, 1], who gave it; people are resampled whole.

    RequestError where the lengths differ or a score is no number.
    """
    truth, told = np.asarray(lies, bool), np.asarray(scores, float)
    if not len(truth) == len(told) == len(people):
        raise RequestError(f"lies, scores and people must be of one length: {len(truth)}, {len(told)}, {len(people)}")
    if not np.isfinite(told).all():
        raise RequestError(f"scores must be numbers; row {int(np.flatnonzero(~np.isfinite(told))[0])} is not")
    answer = told > threshold
    spread = None
    if len(set(people)) > 1:
        spread = interval(bootstrap_values("roc_auc", truth, told, groups=list(people), rounds=rounds, rng=seed))
    most = max(truth.mean(), 1 - truth.mean()) if len(truth) else np.nan
    plain = {name: float(METRICS[name].compute(truth, answer)) for name in _PLAIN}
    return TaskReport(
        plain["accuracy"], plain["uar"], float(most), float(METRICS["roc_auc"].compute(truth, told)), spread,
        plain["detection_rate"], plain["false_alarm_rate"], plain["f1_positive"], len(truth), len(set(people)),
    )  # fmt: skip


def report(method: Method, samples: Sequence[Sample], answers: NDArray[np.floating]) -> str:
    """The figures of these answers, floor first; how accuracy is spread over people, without names; the note."""
    if method.shape.task != "class" or method.shape.outputs != 2:
        return USE_NOTE + "\n"
    lies, scores, people = (
        [s.target == 1 for s in samples],
        answers[:, 1].tolist(),
        [s.speaker or s.group for s in samples],
    )
    found = task_report(lies, scores, people)
    low, high = found.auc_interval or (None, None)
    rows: list[list[Cell]] = [
        ["always the commonest answer", found.majority, None, None], ["accuracy", found.accuracy, None, None],
        ["balanced accuracy", found.balanced, None, None], ["AUC (people resampled)", found.auc, low, high],
        ["lies found", found.detection_rate, None, None], ["false alarms", found.false_alarm_rate, None, None],
        ["F1 of lies", found.f1, None, None],
    ]  # fmt: skip
    spread = np.quantile(accuracy_over_people(lies, scores, people), [0, 0.5, 1])
    told = f"accuracy over people from {spread[0]:.2f} to {spread[2]:.2f}, median {spread[1]:.2f}"
    head = f"{found.answers} answers of {found.people} people; {told}. {found.note}\n"
    return render(["figure", "value", "low", "high"], rows) + head


_PLAIN = ("accuracy", "uar", "detection_rate", "false_alarm_rate", "f1_positive")


def accuracy_over_people(
    lies: Sequence[bool], scores: Sequence[float], people: Sequence[str], *, threshold: float = 0.5
) -> NDArray[np.float64]:
    """How accuracy is spread over people: sorted, without names, so that no row can be traced to anyone."""
    right = (np.asarray(scores, float) > threshold) == np.asarray(lies, bool)
    names = np.asarray(people)
    return np.sort(np.array([right[names == name].mean() for name in dict.fromkeys(people)]))
