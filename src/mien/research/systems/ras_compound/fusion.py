"""Probability fusion: for each class, how much each branch is believed (ICCVW_25 @40bd572, ProbabilityFusion v1 to v6).

Weights are a softmax over the branches that are there, so a missing branch is not believed and the others share.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from mien.analysis.fusion.pool import mix
from mien.research.systems.ras_compound.card import Fuse


class Fusion(nn.Module):
    """Answers of `branches` branches, `classes` wide, as one; `kind`: see the card."""

    combine: Tensor
    keys: Tensor
    query: Tensor
    share: Tensor
    temperature: Tensor
    weights: Tensor

    def __init__(self, branches: int, classes: int, kind: Fuse = "mhpf", heads: int = 3) -> None:
        super().__init__()
        self.kind = kind
        size = (branches, classes)
        if kind == "mhpf":
            self.weights = nn.Parameter(torch.rand(heads, *size))
            self.combine = nn.Parameter(torch.rand(heads))
        elif kind == "attention":
            self.query, self.keys = nn.Parameter(torch.randn(classes, 1)), nn.Parameter(torch.randn(*size))
        elif kind != "mean":
            self.weights = nn.Parameter(torch.rand(*size))
        if kind == "dynamic":
            self.context = nn.Sequential(
                nn.Linear(branches * classes, 32), nn.ReLU(), nn.Linear(32, branches * classes)
            )
            self.absent = nn.Parameter(torch.full(size, 1 / classes))
        elif kind == "mixed":
            self.share = nn.Parameter(torch.tensor(0.1))
        elif kind == "tempered":
            self.temperature = nn.Parameter(torch.tensor(1.0))

    def forward(self, answers: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """answers (n, branches, classes), present (n, branches) -> fused (n, classes) and weights as large as answers.

        Weights of a class sum to 1 over the branches present; rows of the fused answer need not. Nothing present: 0.
        """
        weights = self.believed(answers, present)
        kept = torch.where(present.unsqueeze(-1), answers, answers.new_zeros(()))
        fused: Tensor = mix(kept.movedim(1, 0), weights.movedim(1, 0))
        return fused, weights

    def believed(self, answers: Tensor, present: Tensor) -> Tensor:
        """The weights (n, branches, classes)."""
        there = present.unsqueeze(-1)
        mean = there / there.sum(dim=1, keepdim=True).clamp(min=1)
        if self.kind == "mean":
            return mean.expand_as(answers).to(answers.dtype)
        if self.kind == "mhpf":
            logits = self.weights.expand(len(answers), -1, -1, -1)
            heads = _softmax(logits, there.unsqueeze(1), dim=2)
            return (heads * self.combine.softmax(dim=0)[:, None, None]).sum(dim=1)
        shares = _softmax(self._logits(answers, there).expand_as(answers), there, dim=1)
        if self.kind == "mixed":
            share = self.share.sigmoid()
            return (1 - share) * shares + share * mean
        return shares

    def _logits(self, answers: Tensor, there: Tensor) -> Tensor:
        if self.kind == "attention":
            return self.keys @ self.query / math.sqrt(self.query.shape[0])
        if self.kind == "tempered":
            return self.weights / self.temperature.clamp(min=0.1)
        if self.kind == "dynamic":
            told = torch.where(there, answers, self.absent)
            moved: Tensor = self.context(told.flatten(1)).view_as(answers)
            return self.weights + moved
        return self.weights


def _softmax(logits: Tensor, there: Tensor, dim: int) -> Tensor:
    shares = logits.masked_fill(~there, torch.finfo(logits.dtype).min).softmax(dim=dim)
    return torch.where(there, shares, shares.new_zeros(()))
