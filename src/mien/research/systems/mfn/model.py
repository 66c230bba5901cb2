"""One time line -> cells, attention, memory -> last states and memory -> Linear, ReLU, dropout, Linear -> scores."""

from __future__ import annotations

from torch import nn

from mien.research.batch import Batch
from mien.research.layers.memory import MemoryFusion, two_layers
from mien.research.layers.together import Together
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mfn.card import Config


class Mfn(nn.Module):
    """The memory fusion network (Zadeh et al. 2018, section 3)."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        front = max(shape.longest.values(), default=1) if config.front_padding else 0
        self.line = Together(shape.widths, config.steps, front=front)
        self.fuse = MemoryFusion(shape.widths, config.hidden, config.memory, config.dropout)
        self.body = two_layers(self.fuse.out, config.hidden, config.hidden // 2, config.dropout)
        self.head = nn.Linear(config.hidden // 2, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer."""
        values, _, real = self.line(batch)
        hidden = self.body(self.fuse(values, real))
        return Output(self.head(hidden), hidden)


def build(config: Config, shape: Shape) -> Mfn:
    """The model for data of this shape."""
    return Mfn(config, shape)
