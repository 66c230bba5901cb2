"""Sub-networks -> y = sum_r w_r prod_m [1; h_m] W_m^r + b: a weight of rank R on TFN's product, never built."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.subnetworks import SubNetworks
from mien.research.layers.tensors import rank_products
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.lmf.card import Config


class Lmf(nn.Module):
    """Low-rank multimodal fusion (Liu et al. 2018, equations 6 to 9)."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        self.parts = SubNetworks(
            shape, hidden_text=config.hidden_text, hidden_audio=config.hidden_audio, hidden_video=config.hidden_video,
            text_out=config.hidden_text // 2, dropout=config.dropout, text_dropout=config.text_dropout,
            padded_mean=config.padded_mean,
        )  # fmt: skip
        self.factors = nn.ParameterDict(
            {name: _drawn(config.rank, width + 1, shape.outputs) for name, width in self.parts.widths.items()}
        )
        self.weights = _drawn(1, config.rank)
        self.bias = nn.Parameter(torch.zeros(shape.outputs))

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); hidden: the product of each rank (n, rank * outputs)."""
        products = rank_products(self.parts(batch), [self.factors[name] for name in self.parts.order])
        scores = torch.einsum("r,rno->no", self.weights[0], products) + self.bias
        return Output(scores, products.transpose(0, 1).flatten(1))


def _drawn(*size: int) -> nn.Parameter:
    values: Tensor = nn.init.xavier_normal_(torch.empty(*size))
    return nn.Parameter(values)


def build(config: Config, shape: Shape) -> Lmf:
    """The model for data of this shape."""
    return Lmf(config, shape)
