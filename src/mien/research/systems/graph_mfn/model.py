"""One time line -> LSTM states of this step and the one before -> graph -> gated memory -> scores."""

from __future__ import annotations

import torch
from torch import nn

from mien.research.batch import Batch
from mien.research.layers.memory import Cells, GatedMemory, before, two_layers
from mien.research.layers.together import Together
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.graph_mfn.card import Config
from mien.research.systems.graph_mfn.graph import FusionGraph


class GraphMfn(nn.Module):
    """MFN whose attention over cells is a graph over states."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        count, hidden = len(shape.widths), config.hidden
        self.task = shape.task
        front = max(shape.longest.values(), default=1) if config.front_padding else 0
        self.line = Together(shape.widths, config.steps, front=front)
        self.cells = Cells(shape.widths, hidden)
        self.single = nn.ModuleList(nn.Sequential(nn.Linear(2 * hidden, hidden), nn.ReLU()) for _ in range(count))
        self.graph = FusionGraph(count, hidden, config.inner)
        self.propose = two_layers(hidden, hidden, config.memory, config.dropout)
        self.memory = GatedMemory(hidden, config.memory, hidden, config.dropout)
        self.body = two_layers(count * hidden + config.memory, hidden, hidden // 2, config.dropout)
        self.head = nn.Linear(hidden // 2, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer; extras: "efficacies" (n, time, edges)."""
        values, _, real = self.line(batch)
        states, _ = self.cells(values, real)
        pair = torch.cat([before(states), states], dim=-1)
        fused, efficacies = self.graph([single(pair[:, :, place]) for place, single in enumerate(self.single)])
        memory = self.memory(fused, self.propose(fused).tanh(), real)
        hidden = self.body(torch.cat([states[:, -1].flatten(1), memory], dim=1))
        return Output(self.head(hidden), hidden, {"efficacies": efficacies})


def build(config: Config, shape: Shape) -> GraphMfn:
    """The model for data of this shape."""
    return GraphMfn(config, shape)
