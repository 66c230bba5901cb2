"""Encoders of one modality each: (n, time, width) and its mask to (n, features); padding reaches nothing.

Layers as in mpuc-mer @1ae3add; the video network (R(2+1)D-18) is not here: its features come from an encoder.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.layers.pooling import masked_mean
from mien.research.systems.pairwise_contrastive.card import Axis, Config
from mien.research.systems.pairwise_contrastive.graph import LandmarkGraph

KINDS = ("tcn", "transformer", "mlp", "graph", "mean")


class GlobalNorm(nn.Module):
    """Mean 0, deviation 1 over the channels and real steps of each clip (Conv-TasNet's global layer norm)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """x (n, channels, time), zero where `real` (n, 1, time) is 0."""
        count = (real.sum(dim=(1, 2), keepdim=True) * x.shape[1]).clamp(min=1)
        mean = x.sum(dim=(1, 2), keepdim=True) / count
        spread = (x.square().sum(dim=(1, 2), keepdim=True) / count - mean.square()).clamp(min=0)
        # One factor and one shift a clip and channel: as few passes over the large table as can be.
        factor = torch.rsqrt(spread + 1e-8) * self.gain[:, None]
        return torch.addcmul(self.shift[:, None] - mean * factor, x, factor) * real


class SeparableBlock(nn.Module):
    """1x1, depthwise with holes, 1x1; PReLU and global norm between them."""

    def __init__(self, channels: int, hidden: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.widen = nn.Conv1d(channels, hidden, 1)
        self.depth = nn.Conv1d(
            hidden, hidden, kernel, padding=(kernel - 1) * dilation // 2, dilation=dilation, groups=hidden
        )
        self.narrow = nn.Conv1d(hidden, channels, 1)
        self.first, self.second = nn.PReLU(), nn.PReLU()
        self.before, self.after = GlobalNorm(hidden), GlobalNorm(hidden)

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """(n, channels, time) -> the same."""
        x = self.before(self.first(self.widen(x)) * real, real)
        x = self.after(self.second(self.depth(x)) * real, real)
        out: Tensor = self.narrow(x) * real
        return out


class Tcn(nn.Module):
    """The published audio encoder: ten separable blocks, holes 1 to 16 and again, mean over time, one linear layer."""

    def __init__(self, width: int, out: int, channels: int, blocks: int, dropout: float) -> None:
        super().__init__()
        self.norm = GlobalNorm(width)
        self.bottleneck = nn.Conv1d(width, channels, 1)
        self.blocks = nn.ModuleList(SeparableBlock(channels, 2 * channels, 3, 2 ** (n % 5)) for n in range(blocks))
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Sequential(nn.PReLU(), nn.Linear(channels, out))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, time, width) -> (n, out)."""
        real = mask.unsqueeze(1).to(x.dtype)
        x = self.norm(x.transpose(1, 2) * real, real)
        x = self.dropout(self.bottleneck(x) * real)
        for block in self.blocks:
            x = x + self.dropout(block(x, real))
        out: Tensor = self.last(masked_mean(x.transpose(1, 2), mask))
        return out


class Tokens(nn.Module):
    """The published text encoder: sinusoids, transformer layers (post-norm), mean over real tokens, one linear layer.

    A width that the heads do not divide is filled up with zeros (300 has 5 heads). position_axis "batch" gives every
    token the position of its clip in the batch, as published.
    """

    def __init__(
        self, width: int, out: int, layers: int, heads: int, dropout: float, position_axis: Axis, inner: int = 0
    ) -> None:
        super().__init__()
        step = math.lcm(heads, 2)
        self.fill = -width % step
        size = width + self.fill
        self.position_axis = position_axis
        layer = nn.TransformerEncoderLayer(size, heads, inner or min(2048, 4 * size), dropout, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(size, out)
        rates = torch.exp(torch.arange(0, size, 2) * (-math.log(10000.0) / size))
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, time, width) -> (n, out)."""
        x = nn.functional.pad(x, (0, self.fill))
        first = mask.to(torch.int8).argmax(dim=1, keepdim=True)
        place = torch.arange(x.shape[1], device=x.device) - first
        if self.position_axis == "batch":
            place = torch.arange(len(x), device=x.device)[:, None].expand(place.shape)
        angle = place.unsqueeze(-1) * self.get_buffer("rates")
        x = self.dropout(x + torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(2))
        # An absent clip attends to its first step, else its softmax has nothing; nobody reads what comes out.
        seen = mask.clone()
        seen[:, 0] |= ~mask.any(dim=1)
        x = self.layers(torch.where(mask.unsqueeze(-1), x, x.new_zeros(())), src_key_padding_mask=~seen)
        out: Tensor = self.last(self.dropout(masked_mean(x, mask)))
        return out


class Mlp(nn.Module):
    """For vectors, which the source has not: mean over real steps, two layers."""

    def __init__(self, width: int, out: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, out))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, time, width) -> (n, out)."""
        out: Tensor = self.layers(masked_mean(x, mask))
        return out


class Mean(nn.Module):
    """The mean over real steps, no weights: the features of a frozen backbone as they are."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, time, width) -> (n, width)."""
        return masked_mean(x, mask)


def kinds(config: Config, names: tuple[str, ...], sequence: bool) -> dict[str, str]:
    """The kind of encoder of each modality. RequestError for a kind that does not exist."""
    found = {name: "mlp" if not sequence else "transformer" if name == "text" else "tcn" for name in names}
    for entry in config.encoders:
        name, _, kind = entry.partition("=")
        if kind not in KINDS:
            raise RequestError(f"encoders: {entry!r} is not MODALITY=KIND with a kind of: {', '.join(KINDS)}")
        if name in found:
            found[name] = kind
    return found


def encoder(kind: str, width: int, config: Config) -> tuple[nn.Module, int]:
    """An encoder for features of this width, and the width of what it gives."""
    if kind == "mean":
        return Mean(), width
    if kind == "mlp":
        return Mlp(width, config.width, config.channels), config.width
    if kind == "graph":
        return LandmarkGraph(width, config.width, config.dropout), config.width
    if kind == "transformer":
        return Tokens(
            width, config.width, config.layers, config.heads, config.dropout, config.position_axis, config.inner
        ), config.width
    return Tcn(width, config.width, config.channels, config.blocks, config.dropout), config.width
