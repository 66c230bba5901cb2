"""The textualized branch: the encoded sentence of a clip, one or more transformer layers, the mean, a linear layer.

The source fine-tunes an 8B language model with low-rank updates; here a text encoder of any size gives the vectors and
what is trained stands on them.
"""

from __future__ import annotations

from torch import nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.textualized_compound.card import Config
from mien.research.systems.textualized_compound.fusions import Encoder


class TextHead(nn.Module):
    """Reads `text` alone. RequestError where the data has none."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if "text" not in shape.widths:
            raise RequestError(f'fusion="text" reads text; the data has: {", ".join(shape.widths)}')
        self.task = shape.task
        self.standard = Standardise({"text": shape.widths["text"]})
        self.project = nn.Linear(shape.widths["text"], config.width)
        self.layers = nn.ModuleList(Encoder(config.width) for _ in range(config.layers))
        self.drop = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.width, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); without words those of the bias alone."""
        mask = batch.masks["text"]
        values = self.project(self.standard(batch.inputs["text"], "text"))
        for layer in self.layers:
            values = layer(values, mask)
        hidden = self.drop(masked_mean(values, mask))
        return Output(self.head(hidden), hidden)
