"""One time line -> side by side -> LSTM -> last state -> dropout, Linear, ReLU, dropout, Linear."""

from __future__ import annotations

import torch
from torch import nn

from mien.research.batch import Batch
from mien.research.layers.recurrent import Recurrent
from mien.research.layers.standardise import Standardise
from mien.research.layers.together import together
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.ef_lstm.card import Config


class EfLstm(nn.Module):
    """Early fusion; `absent` maps a modality to the vector at steps without it."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.steps = shape.task, config.steps
        self.standard = Standardise(shape.widths)
        self.absent = nn.ParameterDict({name: nn.Parameter(torch.zeros(width)) for name, width in shape.widths.items()})
        width = sum(shape.widths.values())
        self.read = Recurrent(width, config.hidden, layers=config.layers, dropout=config.dropout)
        self.body = nn.Sequential(
            nn.Dropout(config.dropout), nn.Linear(config.hidden, config.hidden), nn.ReLU(), nn.Dropout(config.dropout)
        )
        self.head = nn.Linear(config.hidden, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer."""
        values, _, real = together(batch, self.standard, self.absent, self.steps)
        hidden = self.body(self.read(torch.cat(list(values.values()), dim=-1), real)[1])
        return Output(self.head(hidden), hidden)


def build(config: Config, shape: Shape) -> EfLstm:
    """The model for data of this shape."""
    return EfLstm(config, shape)
