"""The plain loss and the plain answer of each kind of task."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from mien.research.samples import Task

Distance = Literal["l1", "mse"]


def task_loss(scores: Tensor, target: Tensor, task: Task, *, value: Distance = "l1") -> Tensor:
    """Mean cross-entropy of logits (class), mean binary cross-entropy of logits (labels), mean distance (value)."""
    if task == "class":
        return functional.cross_entropy(scores, target)
    if task == "labels":
        return functional.binary_cross_entropy_with_logits(scores, target)
    return functional.l1_loss(scores, target) if value == "l1" else functional.mse_loss(scores, target)


def answers(scores: Tensor, task: Task) -> Tensor:
    """Scores as answers: probabilities of classes that sum to 1, of labels each for itself, or the values."""
    if task == "class":
        return scores.softmax(dim=-1)
    return scores.sigmoid() if task == "labels" else scores


def scores_of(answer: Tensor, task: Task, *, tiny: float = 1e-6) -> Tensor:
    """The inverse of `answers`: logits whose probabilities these are (classes: up to a constant), or the values."""
    if task == "class":
        return answer.clamp(min=tiny).log()
    return torch.logit(answer, eps=tiny) if task == "labels" else answer
