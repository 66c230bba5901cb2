"""Sub-networks -> side by side -> dropout -> Linear, ReLU, Linear, ReLU, Linear."""

from __future__ import annotations

import torch
from torch import nn

from mien.research.batch import Batch
from mien.research.layers.subnetworks import SubNetworks
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.lf_dnn.card import Config


class LfDnn(nn.Module):
    """Late fusion by a small network."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        self.parts = SubNetworks(
            shape, hidden_text=config.hidden_text, hidden_audio=config.hidden_audio, hidden_video=config.hidden_video,
            text_out=config.text_out, dropout=config.dropout, text_dropout=config.text_dropout,
            padded_mean=config.padded_mean,
        )  # fmt: skip
        self.drop = nn.Dropout(config.post_dropout)
        self.body = nn.Sequential(
            nn.Linear(sum(self.parts.widths.values()), config.post), nn.ReLU(),
            nn.Linear(config.post, config.post), nn.ReLU(),
        )  # fmt: skip
        self.head = nn.Linear(config.post, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer."""
        hidden = self.body(self.drop(torch.cat(self.parts(batch), dim=1)))
        return Output(self.head(hidden), hidden)


def build(config: Config, shape: Shape) -> LfDnn:
    """The model for data of this shape."""
    return LfDnn(config, shape)
