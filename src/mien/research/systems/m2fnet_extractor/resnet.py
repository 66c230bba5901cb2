"""ResNet-18 (He et al. 2016) over pictures whose columns are time: padding is masked in every layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class MaskedNorm(nn.BatchNorm2d):
    """Batch normalisation whose statistics come from real columns; running figures where there is but one value."""

    def forward(self, x: Tensor, real: Tensor | None = None) -> Tensor:
        """x (n, channels, height, time), real (n, 1, 1, time) of 0 and 1 -> the same, zero where not real."""
        if real is None:
            real = x.new_ones(len(x), 1, 1, x.shape[3])
        count = real.sum() * x.shape[2]
        assert self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None
        mean, variance = self.running_mean, self.running_var
        if self.training and count > 1:
            mean = (x * real).sum(dim=(0, 2, 3)) / count
            variance = ((x - mean[:, None, None]).square() * real).sum(dim=(0, 2, 3)) / count
            with torch.no_grad():
                share = self.momentum or 0.0
                self.running_mean.lerp_(mean, share)
                self.running_var.lerp_(variance * (count / (count - 1)), share)
                self.num_batches_tracked.add_(1)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (x * scale[:, None, None] + (self.bias - mean * scale)[:, None, None]) * real


def _halved(real: Tensor) -> Tensor:
    """What is real after a step of two; a clip of odd length keeps its last column."""
    return real[..., ::2]


class Basic(nn.Module):
    """Two 3 x 3 convolutions and a way around them; `step` 2 halves height and time."""

    def __init__(self, width: int, out: int, step: int) -> None:
        super().__init__()
        self.step = step
        self.first = nn.Conv2d(width, out, 3, stride=step, padding=1, bias=False)
        self.second = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([MaskedNorm(out), MaskedNorm(out)])
        self.around = nn.Conv2d(width, out, 1, stride=step, bias=False) if step > 1 or width != out else None
        self.around_norm = MaskedNorm(out) if self.around is not None else None

    def forward(self, x: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures and their real columns, zero elsewhere -> the same, smaller by `step`."""
        after = _halved(real) if self.step > 1 else real
        found = self.norms[0](self.first(x), after).relu()
        found = self.norms[1](self.second(found), after)
        if self.around is not None and self.around_norm is not None:
            x = self.around_norm(self.around(x), after)
        return (found + x).relu(), after


class ResNet(nn.Module):
    """7 x 7 convolution, pooling, four groups of `blocks` basic blocks, mean: (n, time, height) -> (n, 8 channels)."""

    def __init__(self, channels: int = 64, blocks: int = 2) -> None:
        super().__init__()
        self.out = 8 * channels
        self.enter = nn.Conv2d(1, channels, 7, stride=2, padding=3, bias=False)
        self.norm = MaskedNorm(channels)
        widths = [channels * 2**group for group in range(4)]
        steps: list[Basic] = []
        for group, width in enumerate(widths):
            before = widths[max(group - 1, 0)]
            steps += [
                Basic(width if block else before, width, 2 if group and not block else 1) for block in range(blocks)
            ]
        self.blocks = nn.ModuleList(steps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (n, time, height) with its mask (n, time); a clip without real steps comes out as zeros."""
        real = mask[:, None, None, :].to(x.dtype)
        x = x.transpose(1, 2).unsqueeze(1) * real
        real = _halved(real)
        x = self.norm(self.enter(x), real).relu()
        real = _halved(real)
        x = functional.max_pool2d(x, 3, stride=2, padding=1) * real
        for block in self.blocks:
            x, real = block(x, real)
        return x.mean(dim=2).sum(dim=2) / real.sum(dim=3).squeeze(1).clamp(min=1)
