"""Focal loss of smoothed targets, classes weighted; the plain loss of labels and values."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.ras_features.card import Config
from mien.research.systems.ras_features.model import RasFeatures


def soft_focal(
    scores: Tensor, target: Tensor, weights: Tensor, *, gamma: float = 2.0, smoothing: float = 0.1
) -> Tensor:
    """Mean of -sum_c w_c t_c (1 - p_c)^gamma log p_c over scores (n, classes); t is one-hot target (n,), smoothed.

    Source: ICCVW_25 @40bd572, src/common/loss.py, SoftFocalLoss.
    """
    told = scores.log_softmax(dim=1)
    classes = scores.shape[1]
    aim = functional.one_hot(target, classes).to(told.dtype) * (1 - smoothing) + smoothing / classes
    focal = (-told.expm1()).clamp(min=1e-7) ** gamma if gamma else torch.ones_like(told)
    return -(aim * weights * focal * told).sum(dim=1).mean()


def losses(model: RasFeatures, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    if model.task != "class":
        return {"task": task_loss(output.scores, batch.target, model.task)}
    weights = model.balance.get_buffer("weights")
    told = soft_focal(output.scores, batch.target, weights, gamma=config.gamma, smoothing=config.smoothing)
    return {"task": told}
