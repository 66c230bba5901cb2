"""How well answers do on data: the usual metrics of the task, each with its interval and the floor beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.metrics import Score, evaluate
from mien.metrics.floors import best_constant
from mien.research.samples import Data, Sample, Task

NAMED = 5
"""Samples that an error names at most."""

METRICS: dict[Task, tuple[str, ...]] = {
    "class": ("uar", "accuracy", "weighted_f1", "macro_f1"),
    "labels": ("multilabel_macro_f1", "multilabel_weighted_f1", "subset_accuracy"),
    "value": ("mae", "pearson", "ccc"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """of: the dimension ("" where the metric takes all); score; floor: what the best constant answer gets, or None."""

    of: str
    score: Score
    floor: float | None


def check_finite(samples: Sequence[Sample], answers: NDArray[np.floating]) -> None:
    """MienError naming the samples whose answers (n, outputs) are no finite numbers."""
    odd = [sample.id for sample, fine in zip(samples, np.isfinite(answers).all(axis=1), strict=True) if not fine]
    if odd:
        named = ", ".join(odd[:NAMED]) + (", ..." if len(odd) > NAMED else "")
        raise MienError(f"{len(odd)} of {len(samples)} answers are NaN or infinite ({named}); train the system again")


def score_answers(
    data: Data, samples: Sequence[Sample], answers: NDArray[np.floating], *, rounds: int = 1000, seed: int = 0
) -> list[Line]:
    """Lines of a table; intervals by bootstrap over groups (rounds 0 for none), one dimension at a time for values.

    MienError names the samples whose answers are NaN or infinite.
    """
    check_finite(samples, answers)
    names = [sample.group for sample in samples]
    groups = names if 1 < len(set(names)) < len(names) else None
    columns: list[tuple[str, list[object] | NDArray[np.floating], object]]
    if data.task == "class":
        labels = data.space.labels
        truth = [labels[int(sample.target)] for sample in samples]
        columns = [("", list(truth), [labels[place] for place in answers.argmax(axis=1)])]
    elif data.task == "labels":
        columns = [("", np.stack([np.asarray(s.target) for s in samples]).astype(int), (answers > 0.5).astype(int))]
    else:
        wanted = np.stack([np.asarray(sample.target, float) for sample in samples])
        columns = [(name, wanted[:, at], answers[:, at]) for at, name in enumerate(data.space.labels)]
    lines = []
    for of, truth_, given in columns:
        for metric in METRICS[data.task]:
            score = evaluate(metric, truth_, given, groups=groups, rounds=rounds, rng=seed)
            floor = best_constant(metric, truth_)[1] if data.task != "labels" else None
            lines.append(Line(of, score, None if floor is None or np.isnan(floor) else floor))
    return lines
