"""The loss blocks of both stages: symmetric InfoNCE, and reconstruction of what was hidden."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def similarities(one: Tensor, other: Tensor, temperature: float = 1.0) -> Tensor:
    """Cosines / temperature of every pair: (n, width), (m, width) -> (n, m)."""
    return functional.normalize(one, dim=-1) @ functional.normalize(other, dim=-1).T / temperature


def info_nce(one: Tensor, other: Tensor, temperature: float = 0.07) -> Tensor:
    """Symmetric InfoNCE: row i of `one` belongs to row i of `other`, all other rows of the batch are its negatives.

    The mean of both directions. Fewer than two rows have no negatives: exactly 0, and nothing is learnt from them.
    """
    if len(one) < 2:
        return (one.sum() + other.sum()) * 0
    logits = similarities(one, other, temperature)
    own = torch.arange(len(one), device=one.device)
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2


@torch.no_grad()
def retrieval(one: Tensor, other: Tensor) -> float:
    """How often the most similar row of `other` is the own one (in-batch top 1, in [0, 1])."""
    found = similarities(one, other).argmax(dim=1)
    return float((found == torch.arange(len(one), device=found.device)).float().mean())


def normalised_target(target: Tensor, eps: float = 1e-6) -> Tensor:
    """Each patch with mean 0 and variance 1 (unbiased, as in MAE); a patch of one number has no variance and stays."""
    if target.shape[-1] < 2:
        return target
    mean, variance = target.mean(dim=-1, keepdim=True), target.var(dim=-1, keepdim=True)
    return (target - mean) / (variance + eps).sqrt()


def reconstruction(prediction: Tensor, target: Tensor, hidden: Tensor, *, normalise: bool = True) -> Tensor:
    """Mean squared error over all hidden patches of the batch; 0 where none is.

    prediction, target (n, tokens, width); hidden (n, tokens) bool. What is visible is not read.
    """
    prediction, target = prediction[hidden], target[hidden]
    if not len(target):
        return prediction.sum() * 0
    return functional.mse_loss(prediction, normalised_target(target) if normalise else target)
