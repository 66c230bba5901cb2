"""Probability-guided fusion: each modality weighs as much as it is sure of its own answer."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from mien.research.samples import Task

Confidence = Literal["max", "entropy"]


def confidence(logits: Tensor, task: Task = "class", *, rule: Confidence = "max") -> Tensor:
    """How sure an answer is, in [0, 1]: logits (..., outputs) -> (...).

    "max": the largest probability; "entropy": 1 - entropy / its largest value. Labels, each for itself: the mean over
    labels of the same two on (p, 1 - p).
    """
    if task == "labels":
        return confidence(torch.stack([logits, torch.zeros_like(logits)], dim=-1), rule=rule).mean(dim=-1)
    if rule == "max":
        return logits.softmax(dim=-1).amax(dim=-1)
    told = logits.log_softmax(dim=-1)
    if told.shape[-1] == 1:
        return torch.ones_like(told[..., 0])
    # -inf logits: 0 log 0 is 0.
    entropy = -torch.where(told > -torch.inf, told.exp() * told, told.new_zeros(())).sum(dim=-1)
    return (1 - entropy / math.log(told.shape[-1])).clamp(min=0)


def guidance(sure: Tensor, present: Tensor, *, tiny: float = 1e-6) -> Tensor:
    """Weights (modalities, n) that sum to 1 over the modalities that are there: sure and present (modalities, n).

    Where all are sure of nothing the weights are equal; where no modality is there they are 0.
    """
    sure = torch.where(present, sure, sure.new_zeros(()))
    # Entropies of uniform answers differ from their largest value by rounding: shares of that would be noise.
    blank = sure.sum(dim=0, keepdim=True) < tiny
    sure = torch.where(blank, present.to(sure.dtype), sure)
    total = sure.sum(dim=0, keepdim=True)
    return sure / torch.where(total > 0, total, torch.ones_like(total))


def fuse(values: Tensor, weights: Tensor) -> Tensor:
    """sum_m w_m v_m: values (modalities, n, width), weights (modalities, n) -> (n, width)."""
    return torch.where(weights.unsqueeze(-1) > 0, values * weights.unsqueeze(-1), values.new_zeros(())).sum(dim=0)
