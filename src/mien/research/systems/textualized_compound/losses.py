"""The loss of every frame against the label of its clip."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.samples import Task
from mien.research.systems.textualized_compound.card import Config
from mien.research.systems.textualized_compound.model import Features
from mien.research.systems.textualized_compound.text import TextHead


def losses(model: Features | TextHead, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`: mean over the frames of a clip, then over clips; or (published) over all frames at once."""
    if "frames" not in output.extras:
        return {"task": task_loss(output.scores, batch.target, model.task)}
    frames, steps = output.extras["frames"], output.extras["steps"]
    if not steps.any():
        return {"task": frames.sum() * 0}
    target = batch.target.unsqueeze(1).expand(-1, frames.shape[1], *batch.target.shape[1:])
    real = _each(frames[steps], target[steps], model.task)
    each = real.new_zeros(steps.shape).masked_scatter(steps, real)
    if config.weighing == "frames":
        return {"task": each.sum() / steps.sum()}
    there = steps.any(dim=1)
    clips = each.sum(dim=1) / steps.sum(dim=1).clamp(min=1)
    return {"task": torch.where(there, clips, clips.new_zeros(())).sum() / there.sum()}


def _each(scores: Tensor, target: Tensor, task: Task) -> Tensor:
    """The loss of each row, (rows,)."""
    if task == "class":
        return functional.cross_entropy(scores, target, reduction="none")
    if task == "labels":
        return functional.binary_cross_entropy_with_logits(scores, target, reduction="none").mean(dim=1)
    return functional.l1_loss(scores, target, reduction="none").mean(dim=1)
