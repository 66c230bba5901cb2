"""Focal loss for classes; the plain loss for labels and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.gaussian_adaptive_attention.card import Config

if TYPE_CHECKING:
    from mien.research.systems.gaussian_adaptive_attention.model import GaussianAdaptive


def focal(logits: Tensor, target: Tensor, *, alpha: float = 0.25, gamma: float = 2.5, eps: float = 1e-6) -> Tensor:
    """alpha (1 - p + eps)^gamma CE of each item, p the probability of its class; alpha is one number for all classes.

    logits (n, classes), target (n,); the answer (n,) (DAAM-PEFT-paper-code @093212b, FocalLoss).
    """
    entropy = functional.cross_entropy(logits, target, reduction="none")
    # 1 - exp(-CE) rounds below 0 never: expm1 keeps what is left near p = 1.
    return alpha * (eps - (-entropy).expm1()) ** gamma * entropy


def losses(model: GaussianAdaptive, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    if model.task == "class" and config.objective == "focal":
        each = focal(output.scores, batch.target, alpha=config.alpha, gamma=config.gamma)
        return {"task": each.mean()}
    return {"task": task_loss(output.scores, batch.target, model.task)}
