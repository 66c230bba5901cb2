"""The encoders of one modality, at utterance and at frame level."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import Recurrent, compact
from mien.research.layers.timeline import pushed_back


class Layers(nn.Module):
    """Dropout, then three times Linear and ReLU."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.layers = nn.ModuleList(nn.Linear(incoming, hidden) for incoming in (width, hidden, hidden))

    def forward(self, values: Tensor) -> Tensor:
        """(n, width) -> (n, hidden)."""
        values = self.drop(values)
        for layer in self.layers:
            values = functional.relu(layer(values))
        return values


class UtteranceEncoder(nn.Module):
    """The mean over time through `Layers`."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.layers = Layers(width, hidden, dropout)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time) -> (n, hidden)."""
        found: Tensor = self.layers(masked_mean(values, mask))
        return found


class FrameEncoder(nn.Module):
    """One LSTM layer, its last state, dropout, Linear.

    front: steps to which zeros are put in front of each sequence, which the LSTM then reads; 0 for none.
    """

    def __init__(self, width: int, hidden: int, dropout: float, *, compress: int = 1, front: int = 0) -> None:
        super().__init__()
        self.read = Recurrent(width, hidden)
        self.drop = nn.Dropout(dropout)
        self.linear = nn.Linear(hidden, hidden)
        self.compress, self.front = compress, -(-front // compress)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time) -> (n, hidden)."""
        if self.compress > 1:
            values, mask = compressed(values, mask, self.compress)
        if self.front:
            values, mask = pushed_back(values, mask, self.front)
        found: Tensor = self.linear(self.drop(self.read(values, mask)[1]))
        return found


def compressed(values: Tensor, mask: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """Means of consecutive chunks: L real steps become ceil(L / factor), the first chunk being the one that is shorter.

    The source fills that chunk with zeros before it takes the mean; here the mean is over real steps.
    """
    moved, count, _ = compact(values, mask)
    steps = -(-count // factor)
    size = (-(-count // steps.clamp(min=1))).clamp(min=1)
    short = steps * size - count
    time = torch.arange(moved.shape[1], device=mask.device)
    real = time < count.unsqueeze(1)
    most = max(-(-moved.shape[1] // factor), 1)
    chunk = ((time + short.unsqueeze(1)) // size.unsqueeze(1)).clamp(max=most - 1)
    into = functional.one_hot(chunk, most).to(moved.dtype) * real.unsqueeze(-1)
    sums = into.transpose(1, 2) @ moved
    found = sums / into.sum(dim=1).clamp(min=1).unsqueeze(-1)
    return found, torch.arange(most, device=mask.device) < steps.unsqueeze(1)
