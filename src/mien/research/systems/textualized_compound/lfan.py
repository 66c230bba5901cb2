"""Leader and followers: at each step every modality attends to all, and the leader goes along untouched."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn


class LeaderFollower(nn.Module):
    """(softmax(Q K^T / sqrt(d)) V + V) over the modalities of a step -> Linear -> dropout -> LayerNorm.

    widths: of each modality; modal: numbers a modality becomes; the answer has modal x modalities numbers a step, by
    head, then modality. A modality that is not seen at a step is not attended to.
    """

    def __init__(self, widths: Mapping[str, int], modal: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.names, self.heads = tuple(widths), heads
        self.project = nn.ModuleDict({name: nn.Linear(width, 3 * modal) for name, width in widths.items()})
        for layer in self.project.values():
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.out = nn.Linear(modal * len(widths), modal * len(widths))
        self.drop = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(modal * len(widths))

    def forward(self, values: Mapping[str, Tensor], seen: Mapping[str, Tensor]) -> Tensor:
        """values of each modality (n, time, width), seen (n, time) -> (n, time, modal x modalities)."""
        parts = [self.project[name](values[name]).unflatten(-1, (self.heads, -1)) for name in self.names]
        query, key, value = torch.stack(parts, dim=3).chunk(3, dim=-1)
        there = torch.stack([seen[name] for name in self.names], dim=-1)[:, :, None, None]
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        weights = scores.masked_fill(~there, torch.finfo(scores.dtype).min).softmax(dim=-1)
        found = (torch.where(there, weights, weights.new_zeros(())) @ value + value).flatten(2)
        normed: Tensor = self.norm(self.drop(self.out(found)))
        return normed
