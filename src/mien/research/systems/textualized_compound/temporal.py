"""Dilated causal convolutions over time: a step is told by itself and by what came before."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from mien.research.layers.batchnorm import PresentBatchNorm

GAIN = 2.0**0.5


class Block(nn.Module):
    """Two convolutions with weight norm and LeakyReLU beside a shortcut, LeakyReLU on the sum."""

    def __init__(self, width: int, out: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.reach = (kernel - 1) * dilation
        first, second = (nn.Conv1d(incoming, out, kernel, dilation=dilation) for incoming in (width, out))
        for layer in (first, second):
            nn.init.xavier_uniform_(layer.weight, gain=GAIN)
        self.first, self.second = weight_norm(first), weight_norm(second)
        self.drop = nn.Dropout(dropout)
        self.shortcut: nn.Module = nn.Identity()
        if width != out:
            shortcut = nn.Conv1d(width, out, 1)
            nn.init.xavier_uniform_(shortcut.weight, gain=GAIN)
            self.shortcut = shortcut

    def forward(self, values: Tensor) -> Tensor:
        """(n, width, time) -> (n, out, time)."""
        found = values
        for layer in (self.first, self.second):
            found = self.drop(functional.leaky_relu(layer(functional.pad(found, (self.reach, 0)))))
        return functional.leaky_relu(found + self.shortcut(values))


class Temporal(nn.Module):
    """Blocks of dilation 1, 2, 4, ..., then batch normalisation over the real steps.

    In place of a step that is not there a learned vector is read; what comes out for it is another.
    """

    def __init__(self, width: int, channels: Sequence[int], kernel: int, dropout: float) -> None:
        super().__init__()
        widths = (width, *channels)
        self.blocks = nn.Sequential(
            *(Block(widths[i], widths[i + 1], kernel, 2**i, dropout) for i in range(len(channels)))
        )
        self.norm = PresentBatchNorm(widths[-1])
        self.gap = nn.Parameter(torch.zeros(width))
        self.unseen = nn.Parameter(torch.zeros(widths[-1]))
        self.out = widths[-1]

    def forward(self, values: Tensor, seen: Tensor) -> Tensor:
        """values (n, time, width), seen (n, time) -> (n, time, out)."""
        values = torch.where(seen.unsqueeze(-1), values, self.gap)
        found = self.blocks(values.transpose(1, 2)).transpose(1, 2)
        found = self.norm(found.flatten(0, 1), seen.flatten()).view_as(found)
        return torch.where(seen.unsqueeze(-1), found, self.unseen)
