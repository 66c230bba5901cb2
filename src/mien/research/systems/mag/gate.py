"""The multimodal adaptation gate."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """z' = dropout(LayerNorm(z + alpha H)), H = sum_m ReLU(W_m [m; z]) * U_m m, alpha = min(shift |z| / |H|, 1)
    (Rahman et al. 2020, equations 2 to 6)."""

    def __init__(self, width: int, others: Mapping[str, int], shift: float, dropout: float) -> None:
        super().__init__()
        self.shift = shift
        self.weigh = nn.ModuleDict({name: nn.Linear(other + width, width) for name, other in others.items()})
        self.move = nn.ModuleDict({name: nn.Linear(other, width) for name, other in others.items()})
        self.norm, self.drop = nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(self, words: Tensor, others: Mapping[str, Tensor], masks: Mapping[str, Tensor]) -> Tensor:
        """words (n, time, width), others (n, time, their width) with masks (n, time) -> (n, time, width)."""
        shift = torch.zeros_like(words)
        for name, move in self.move.items():
            weight = self.weigh[name](torch.cat([others[name], words], dim=-1)).relu()
            shift = shift + torch.where(masks[name].unsqueeze(-1), weight * move(others[name]), shift.new_zeros(()))
        length = shift.norm(dim=-1, keepdim=True)
        longest = self.shift * words.norm(dim=-1, keepdim=True)
        alpha = torch.where(length > 0, longest / (length + 1e-6), length.new_ones(())).clamp(max=1.0)
        found: Tensor = self.drop(self.norm(words + alpha * shift))
        return found
