"""Classes that weigh by 1 / frequency."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.batch import Batch


class ClassWeights(nn.Module):
    """Mean cross-entropy with a weight a class; 1 each until `fit`."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.ones(classes))

    def forward(self, scores: Tensor, target: Tensor) -> Tensor:
        """scores (n, classes), target (n,) -> a scalar: the weighted sum over the sum of weights."""
        return functional.cross_entropy(scores, target, self.get_buffer("weights"))

    @torch.no_grad()
    def fit(self, batches: Iterable[Batch]) -> None:
        """n / (classes x count) of the training samples; a class that is nowhere keeps 1."""
        weights = self.get_buffer("weights")
        counts = torch.zeros_like(weights)
        for batch in batches:
            counts += torch.bincount(batch.target, minlength=len(weights))
        weights.copy_(torch.where(counts > 0, counts.sum() / (len(weights) * counts.clamp(min=1)), 1.0))
