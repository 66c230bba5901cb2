"""Which metrics a task is told by, and how answers are turned into what each takes; the first is the headline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.metrics import METRICS, bootstrap_values
from mien.research.samples import Data

Numbers = NDArray[np.float64]
Kind = Literal["top", "cut", "shares", "value", "one"]
CUT = 0.5


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric of `mien.metrics` on a task's answers.

    name: as it is printed; metric: its id; kind: what it is given: "top" (n,) class numbers, "cut" (n, labels) 0/1 at
    0.5, "shares" (n, labels) probabilities, "value" (n,) of one column, "one" (n,) 0/1 whether the class is `column`.
    """

    name: str
    metric: str
    kind: Kind
    column: int = 0
    options: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def better(self) -> str:
        """ "higher", "lower", "zero" or "neither"."""
        return METRICS[self.metric].better

    def arrays(self, truth: Numbers, answers: Numbers) -> tuple[Any, Any]:
        """Truth (n,) or (n, outputs) and answers (n, outputs) as the metric takes them."""
        if self.kind == "top":
            return truth.astype(int), answers.argmax(axis=1)
        if self.kind == "one":
            return (truth == self.column).astype(int), (answers.argmax(axis=1) == self.column).astype(int)
        if self.kind == "cut":
            return truth.astype(int), (answers > CUT).astype(int)
        if self.kind == "shares":
            return truth.astype(int), answers
        return truth[:, self.column], answers[:, self.column]

    def value(self, truth: Numbers, answers: Numbers) -> float:
        """The metric; NaN where it is not defined on these items."""
        return float(METRICS[self.metric].compute(*self.arrays(truth, answers), **self.options))

    def draws(self, truth: Numbers, answers: Numbers, groups: Any, among: Any, rounds: int, seed: Any) -> Numbers:
        """(rounds,) values on resamples of whole groups; equal seeds draw equal ones of all `among`, whatever items."""
        rng = np.random.default_rng(seed)
        pair = self.arrays(truth, answers)
        return bootstrap_values(self.metric, *pair, groups=groups, among=among, rounds=rounds, rng=rng, **self.options)


def measures(data: Data) -> tuple[Measure, ...]:
    """Of a data set's task: recall and F1 of classes, F1 of label sets, concordance and error of values."""
    if data.task == "class":
        return tuple(Measure(name, name, "top") for name in ("uar", "weighted_f1", "macro_f1", "accuracy"))
    if data.task == "labels":
        names = ("multilabel_macro_f1", "multilabel_micro_f1", "samples_f1", "subset_accuracy")
        ranks = Measure("average_precision_macro", "average_precision_macro", "shares")
        return (*(Measure(name, name, "cut") for name in names), ranks)
    labels = data.space.labels
    found = []
    for column, label in enumerate(labels):
        after = f" {label}" if len(labels) > 1 else ""
        found += [Measure(name + after, name, "value", column) for name in ("ccc", "pearson", "mae")]
    if len(labels) == 1 and (data.space.low, data.space.high) == (-3, 3):
        found += [Measure(name, name, "value") for name in ("acc2_non0", "f1_2_non0", "acc2_has0", "acc7")]
    return tuple(found)


def by_class(data: Data) -> tuple[Measure, ...]:
    """Error rates of each class: the share of its items that is found, and of the others that is taken for it."""
    if data.task != "class":
        return ()
    rates = (("found", "detection_rate"), ("false alarms", "false_alarm_rate"))
    return tuple(
        Measure(f"{word} {label}", metric, "one", column)
        for column, label in enumerate(data.space.labels)
        for word, metric in rates
    )


def truths(data: Data, rows: tuple[int, ...], target: str = "") -> Numbers:
    """(n,) class numbers or (n, outputs) of these samples; target: one of their further labels instead."""
    samples = [data.samples[row] for row in rows]
    return np.array([s.labels[target] if target else s.target for s in samples], np.float64)
