"""The loss of the whole, and of each modality on the labels generated for it; a training batch moves those labels."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.task import answers, task_loss
from mien.research.layers.unimodal_labels import disagreement_loss
from mien.research.output import Output
from mien.research.samples import Task
from mien.research.systems.self_mm.card import Config
from mien.research.systems.self_mm.model import SelfMm
from mien.research.systems.self_mm.tables import WHOLE


def losses(model: SelfMm, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """Terms `task` and one a modality; the latter are 0 in the first epoch, where all labels agree."""
    target = signed(batch.target, model.task, output.scores.shape[1])
    present = batch.present
    terms = {"task": task_loss(output.scores, batch.target, model.task)}
    for name in model.names:
        label = model.tables.labels(name, batch.index, target)
        scores = around_zero(output.extras[f"scores/{name}"], model.task)
        terms[name] = disagreement_loss(scores, label, target, present[name])
    if model.training:
        features = {name: output.extras[f"features/{name}"].detach() for name in (WHOLE, *model.names)}
        limit = config.limit if model.task == "value" else 1.0
        model.tables.learn(batch.index, target, features, present, limit=limit, exclude_zero=config.exclude_zero)
    return terms


def signed(target: Tensor, task: Task, outputs: int) -> Tensor:
    """Targets as (n, outputs) around 0: values as they are, classes and labels as +1 and -1."""
    if task == "value":
        return target
    return (functional.one_hot(target, outputs) if task == "class" else target).float() * 2 - 1


def around_zero(scores: Tensor, task: Task) -> Tensor:
    """Scores on the scale of `signed`: values, or 2 p - 1."""
    return scores if task == "value" else answers(scores, task) * 2 - 1
