"""mean of each modality, or its learned stand-in -> side by side -> (Linear, ReLU, Dropout) x layers -> Linear."""

from __future__ import annotations

import torch
from torch import nn

from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.concat_mlp.card import Config


class ConcatMlp(nn.Module):
    """The concatenation baseline; `absent` maps a modality to the vector that stands where it is missing."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        self.standard = Standardise(shape.widths)
        self.absent = nn.ParameterDict({name: nn.Parameter(torch.zeros(width)) for name, width in shape.widths.items()})
        blocks: list[nn.Module] = []
        width = sum(shape.widths.values())
        for _ in range(config.layers):
            blocks += [nn.Linear(width, config.hidden), nn.ReLU(), nn.Dropout(config.dropout)]
            width = config.hidden
        self.body = nn.Sequential(*blocks)
        self.head = nn.Linear(width, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer."""
        parts = []
        for name, stand_in in self.absent.items():
            mask = batch.masks[name]
            mean = masked_mean(self.standard(batch.inputs[name], name), mask)
            parts.append(torch.where(mask.any(dim=1, keepdim=True), mean, stand_in))
        hidden = self.body(torch.cat(parts, dim=1))
        return Output(self.head(hidden), hidden)


def build(config: Config, shape: Shape) -> ConcatMlp:
    """The model for data of this shape."""
    return ConcatMlp(config, shape)
