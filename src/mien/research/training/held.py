"""How good a model is on the part that selects: one number, larger is better."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from mien.errors import RequestError
from mien.metrics.classification import uar, weighted_f1
from mien.metrics.regression import ccc, mae
from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.samples import Task
from mien.research.training.method import Method
from mien.research.training.recipe import Stage
from mien.research.training.settings import Select

ALLOWED: dict[Task, tuple[Select, ...]] = {
    "class": ("loss", "uar", "weighted_f1"),
    "labels": ("loss",),
    "value": ("loss", "mae", "ccc"),
}


def check_select(select: Select, task: Task) -> None:
    """RequestError where the task has no such score."""
    if select not in ALLOWED[task]:
        raise RequestError(f"the task {task!r} cannot be selected by {select!r}; allowed: {', '.join(ALLOWED[task])}")


@torch.no_grad()
def held_score(method: Method, stage: Stage, batches: Iterable[Batch], select: Select) -> float:
    """The score of the held-out batches; a stage with losses of its own is judged by them, minus their mean sum.

    NaN scores (a constant answer has no CCC) count as the worst.
    """
    method.model.eval()
    if stage.losses is not None:
        total, count = 0.0, 0
        for batch in batches:
            output = method.model(batch) if stage.output else Output.none()
            terms = stage.losses(method.model, batch, output, method.config)
            total += float(sum(terms.values())) * len(batch)
            count += len(batch)
        found = -total / max(count, 1)
    else:
        pairs = [(method.model(batch).scores.float(), batch.target) for batch in batches]
        found = _score(torch.cat([a for a, _ in pairs]), torch.cat([b for _, b in pairs]), method.shape.task, select)
    return -math.inf if math.isnan(found) else found


def _score(scores: Tensor, target: Tensor, task: Task, select: Select) -> float:
    if select == "loss":
        return -float(task_loss(scores, target, task))
    truth, given = target.cpu().numpy(), scores.cpu().numpy()
    if task == "class":
        measure = uar if select == "uar" else weighted_f1
        return measure(truth, given.argmax(axis=1))
    if select == "mae":
        return -float(np.mean([mae(truth[:, at], given[:, at]) for at in range(truth.shape[1])]))
    return float(np.mean([ccc(truth[:, at], given[:, at]) for at in range(truth.shape[1])]))
