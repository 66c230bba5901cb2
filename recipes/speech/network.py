"""The speech network: five convolutions, attention-weighted mean and deviation over time, three heads."""

from __future__ import annotations

import torch
from corpora import LABELS
from torch import Tensor, nn

HIDDEN = 384


class Layer(nn.Module):
    """Convolution, batch norm, ReLU; frames beyond a clip's end stay zero, so padding changes no answer."""

    def __init__(self, before: int, after: int, kernel: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(after)
        self.step = stride[0]

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        mask = mask[:, :, :: self.step]
        return torch.relu(self.norm(self.conv(x))) * mask, mask


class SpeechNet(nn.Module):
    """Features (n, frames, 64) and mask (n, frames) to logits (n, 9), arousal (n,) and hidden (n, 384)."""

    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        sizes = (1, 16, 32, 48, 64, 96)
        kernels, strides = (5, 3, 3, 3, 3), ((2, 2), (2, 2), (2, 2), (1, 2), (1, 2))
        self.layers = nn.ModuleList(
            Layer(a, b, k, s) for a, b, k, s in zip(sizes, sizes[1:], kernels, strides, strict=False)
        )
        self.mix = nn.Sequential(nn.Conv1d(192, 192, 1, bias=False), nn.BatchNorm1d(192), nn.ReLU())
        self.attend = nn.Conv1d(192, 1, 1)
        self.dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(HIDDEN, len(LABELS))
        self.activation = nn.Linear(HIDDEN, 1)

    def forward(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, weight = self.listen(features, mask)
        hidden = self.pool(x, weight)
        dropped = self.dropout(hidden)
        return self.emotion(dropped), torch.tanh(self.activation(dropped)).squeeze(1), hidden

    def listen(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Values (n, 192, steps) of every eighth frame, and how much each step counts (n, 1, steps), sum 1."""
        x, keep = features.unsqueeze(1), mask.unsqueeze(1).unsqueeze(3)
        for layer in self.layers:
            x, keep = layer(x, keep)
        x = self.mix(x.permute(0, 1, 3, 2).flatten(1, 2)).float()
        keep = keep[:, 0, :, 0].unsqueeze(1).float()
        return x, torch.softmax(self.attend(x).float() + (keep - 1) * 1e4, dim=2)

    def pool(self, x: Tensor, weight: Tensor) -> Tensor:
        """Weighted mean and deviation over time (n, 384)."""
        mean = (x * weight).sum(dim=2)
        spread = ((x * x * weight).sum(dim=2) - mean * mean).clamp(min=1e-5).sqrt()
        return torch.cat([mean, spread], dim=1)

    def told(self, x: Tensor, weight: Tensor) -> Tensor:
        """What each step adds to each label's logit through the mean, against the other labels: (n, steps, 9)."""
        added = (x * weight).transpose(1, 2) @ self.emotion.weight[:, : x.shape[1]].T
        return added - added.mean(dim=2, keepdim=True)
