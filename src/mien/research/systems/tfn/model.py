"""Sub-networks -> [1; h_a] x [1; h_v] x [1; h_t] flattened -> dropout -> Linear, ReLU, Linear, ReLU, Linear."""

from __future__ import annotations

import math

from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.subnetworks import SubNetworks
from mien.research.layers.tensors import tensor_product
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.tfn.card import Config


def bounded(scores: Tensor, low: float, high: float) -> Tensor:
    """A value output within its range, (high - low) sigmoid + low; equal bounds leave it as it is."""
    return scores if low == high else (high - low) * scores.sigmoid() + low


class Tfn(nn.Module):
    """The tensor fusion network (Zadeh et al. 2017, section 4)."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        self.range = (config.low, config.high) if shape.task == "value" else (0.0, 0.0)
        self.parts = SubNetworks(
            shape, hidden_text=config.hidden_text, hidden_audio=config.hidden_audio, hidden_video=config.hidden_video,
            text_out=config.text_out, dropout=config.dropout, text_dropout=config.text_dropout,
            padded_mean=config.padded_mean,
        )  # fmt: skip
        size = math.prod(width + 1 for width in self.parts.widths.values())
        if size > config.largest:
            told = " x ".join(f"({width} + 1)" for width in self.parts.widths.values())
            raise RequestError(
                f"tfn: the product {told} has {size} entries, {config.largest} are allowed: make hidden_* smaller, "
                "raise `largest`, or take lmf"
            )
        self.drop = nn.Dropout(config.post_dropout)
        self.body = nn.Sequential(
            nn.Linear(size, config.post), nn.ReLU(), nn.Linear(config.post, config.post), nn.ReLU()
        )
        self.head = nn.Linear(config.post, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer."""
        hidden = self.body(self.drop(tensor_product(self.parts(batch))))
        return Output(bounded(self.head(hidden), *self.range), hidden)


def build(config: Config, shape: Shape) -> Tfn:
    """The model for data of this shape."""
    return Tfn(config, shape)
