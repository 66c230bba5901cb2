"""One branch a modality (attention, then a head), and the mean of the scores of those that are there.

The sources have one modality; the mean is the simplest rule that keeps it exact and needs no word for what is absent.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.gaussian_adaptive_attention.aggregation import LayerAggregation
from mien.research.systems.gaussian_adaptive_attention.attention import AxisBlock
from mien.research.systems.gaussian_adaptive_attention.card import Config


class PoolHead(nn.Module):
    """Mean over what is there, then two linear layers."""

    def __init__(self, width: int, hidden: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, outputs)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (n, steps, width), mask (n, steps) -> (n, outputs)."""
        scores: Tensor = self.layers(masked_mean(x, mask))
        return scores


class ConvHead(nn.Module):
    """Each layer's features as an image, two convolutions over the layers as channels, one linear layer.

    Published for 1024 features as 32 x 32; other widths take the most square image (768: 24 x 32).
    """

    def __init__(self, layers: int, width: int, hidden: int, outputs: int) -> None:
        super().__init__()
        height = max(n for n in range(1, math.isqrt(width) + 1) if width % n == 0)
        self.image = (height, width // height)
        self.first = nn.Conv2d(layers, hidden, 3, padding=1)
        self.second = nn.Conv2d(hidden, layers, 3, padding=1)
        self.last = nn.Linear(layers * width, outputs)
        for layer in (self.first, self.second, self.last):
            nn.init.xavier_uniform_(layer.weight)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (n, layers, width), absent layers zero -> (n, outputs)."""
        images = self.first(x.reshape(*x.shape[:2], *self.image)).relu()
        scores: Tensor = self.last(self.second(images).relu().flatten(1))
        return scores


class AxisBranch(nn.Module):
    """Attention along the steps, then the mean over them."""

    def __init__(self, config: Config, width: int, outputs: int) -> None:
        super().__init__()
        blocks = 0 if config.gate == "none" else config.blocks
        self.block = AxisBlock(
            (config.heads,) * blocks,
            (config.gaussians,) * blocks,
            normalise=config.normalise,
            widths=config.widths,
            rescale=config.rescale,
        )
        if config.gate == "fixed":
            self.block.fix(2.0)
        self.head = PoolHead(width, config.hidden, outputs, config.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (n, outputs) and the last layer's weights (n, steps, width)."""
        x, weights = self.block(x, mask)
        scores = self.head(x, mask)
        return scores, weights[-1] if weights else mask.unsqueeze(-1).to(x.dtype).expand_as(x)


class LayersBranch(nn.Module):
    """The gated layers of an encoder, one step of the input a layer, then the head."""

    def __init__(self, config: Config, width: int, layers: int, outputs: int) -> None:
        super().__init__()
        self.layers = layers
        self.gates = LayerAggregation(
            layers, width, config.heads, gate=config.gate, widths=config.widths, variance=config.variance
        )
        self.head: nn.Module = PoolHead(width, config.hidden, outputs, config.dropout)
        if config.head == "conv":
            self.head = ConvHead(layers, width, config.hidden, outputs)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (n, outputs) and the gates (n, layers, width)."""
        if mask[:, self.layers :].any():
            raise RequestError(f"expected {self.layers} layers a sample, got more")
        short = self.layers - x.shape[1]
        x, mask = functional.pad(x, (0, 0, 0, short)), functional.pad(mask, (0, short))
        # Layers are seldom absent, and without a mask the gates take half the time.
        x, gates = self.gates(x, None if bool(mask.all()) else mask)
        return self.head(x, mask), gates


class GaussianAdaptive(nn.Module):
    """The system; `branches` by modality."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if config.form == "axis" and config.head == "conv":
            raise RequestError('head="conv" needs form="layers": images of encoder layers')
        self.task = shape.task
        self.outputs = shape.outputs
        self.standard = Standardise(shape.widths)
        self.branches = nn.ModuleDict({name: _branch(config, shape, name) for name in shape.widths})

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs): zeros where nothing is there; extras `attention/NAME`: (n, steps, width)."""
        total = next(iter(batch.inputs.values())).new_zeros(len(batch), self.outputs)
        count = total.new_zeros(len(batch), 1)
        maps = {}
        for name, branch in self.branches.items():
            mask = batch.masks[name]
            scores, maps[f"attention/{name}"] = branch(self.standard(batch.inputs[name], name), mask)
            there = mask.any(dim=1, keepdim=True)
            total = total + torch.where(there, scores, scores.new_zeros(()))
            count = count + there
        return Output(total / count.clamp(min=1), extras=maps)


def _branch(config: Config, shape: Shape, name: str) -> nn.Module:
    if config.form == "layers":
        return LayersBranch(config, shape.widths[name], shape.longest.get(name, 1), shape.outputs)
    return AxisBranch(config, shape.widths[name], shape.outputs)


def build(config: Config, shape: Shape) -> GaussianAdaptive:
    """The model for data of this shape; the layers form takes its number of layers from the longest sample."""
    return GaussianAdaptive(config, shape)
