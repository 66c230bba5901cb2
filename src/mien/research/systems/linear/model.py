"""scores = bias + the sum over the modalities that are there of (W mean(x) + b)."""

from __future__ import annotations

from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.linear.card import Config


class Linear(nn.Module):
    """The linear baseline; `layers` maps a modality to its linear layer."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        self.standard = Standardise(shape.widths)
        self.layers = nn.ModuleDict({name: nn.Linear(width, shape.outputs) for name, width in shape.widths.items()})
        first = next(iter(self.layers.values()))
        assert isinstance(first, nn.Linear)
        self.bias = nn.Parameter(first.weight.new_zeros(shape.outputs))

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs)."""
        scores: Tensor = self.bias
        for name, layer in self.layers.items():
            mask = batch.masks[name]
            added = layer(masked_mean(self.standard(batch.inputs[name], name), mask))
            scores = scores + added * mask.any(dim=1, keepdim=True)
        return Output(scores)


def build(config: Config, shape: Shape) -> Linear:
    """The model for data of this shape."""
    return Linear(config, shape)
