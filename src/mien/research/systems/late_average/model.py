"""answer of each modality by itself -> mean of probabilities (or values) over the modalities that are there."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.layers.task import answers, scores_of
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.late_average.card import Config


def _network(width: int, outputs: int, config: Config) -> nn.Module:
    if not config.hidden:
        return nn.Linear(width, outputs)
    return nn.Sequential(
        nn.Linear(width, config.hidden), nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(config.hidden, outputs)
    )


class LateAverage(nn.Module):
    """The late average; `networks` maps a modality to its own network."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        self.standard = Standardise(shape.widths)
        self.networks = nn.ModuleDict(
            {name: _network(width, shape.outputs, config) for name, width in shape.widths.items()}
        )

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); extras: "alone/<modality>", the scores of each by itself.

        A sample without any modality gets equal scores: all classes alike, each label at a half, the value 0.
        """
        alone: dict[str, Tensor] = {}
        for name, network in self.networks.items():
            alone[name] = network(masked_mean(self.standard(batch.inputs[name], name), batch.masks[name]))
        told = torch.stack([answers(scores, self.task) for scores in alone.values()])
        there = torch.stack([batch.present[name] for name in alone]).unsqueeze(-1)
        mean = (told * there).sum(dim=0) / there.sum(dim=0).clamp(min=1)
        scores = torch.where(there.any(dim=0), scores_of(mean, self.task), mean.new_zeros(()))
        return Output(scores, extras={f"alone/{name}": scores for name, scores in alone.items()})


def build(config: Config, shape: Shape) -> LateAverage:
    """The model for data of this shape."""
    return LateAverage(config, shape)
