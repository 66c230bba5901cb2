"""scaled features -> one Linear without bias a modality -> side by side -> the fc or the LSTM head.

An absent modality, or step of one, is replaced by a learned vector after its reduction.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.align import aligned
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import Recurrent
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.movie_affect.card import Config
from mien.research.systems.movie_affect.scaling import MinMax

ORDER = {"scene": 0, "flow": 1, "audio": 2}
"""Picture, motion, sound, as published; then any other."""


class FcHead(nn.Module):
    """Three Linear without bias; as published nothing between them."""

    def __init__(self, width: int, config: Config, outputs: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, config.fc, bias=False)
        self.second = nn.Linear(config.fc, config.fc, bias=False)
        self.last = nn.Linear(config.fc, outputs, bias=False)
        self.between = nn.ReLU() if config.activation == "relu" else nn.Identity()

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """(n, width) -> scores (n, outputs) and the layer before them."""
        hidden = self.between(self.second(self.between(self.first(values))))
        return self.last(hidden), hidden


class MovieAffect(nn.Module):
    """The system; `order`: modalities in the order of the reduced numbers."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        self.order = tuple(sorted(shape.widths, key=lambda name: (ORDER.get(name, len(ORDER)), name)))
        self.scale = MinMax(shape.widths)
        self.reduce = nn.ModuleDict(
            {name: nn.Linear(shape.widths[name], config.reduced, bias=False) for name in self.order}
        )
        self.absent = nn.ParameterDict({name: nn.Parameter(torch.zeros(config.reduced)) for name in self.order})
        width = config.reduced * len(self.order)
        self.read: Recurrent | None = None
        if config.head == "lstm":
            self.read = Recurrent(width, config.lstm, layers=config.layers)
            self.head: nn.Module = nn.Linear(config.lstm, shape.outputs)
        else:
            self.head = FcHead(width, config, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs): logits of seven classes (not divided by the temperature), or values."""
        if self.read is None:
            means = {name: masked_mean(batch.inputs[name], batch.masks[name]) for name in self.order}
            scores, hidden = self.head(self._reduced(means, {name: batch.masks[name].any(dim=1) for name in means}))
            return Output(scores, hidden)
        values, masks = aligned(batch.inputs, batch.masks, self.order)
        seen = torch.stack(tuple(masks.values())).any(dim=0)
        last = self.read(self._reduced(values, masks), seen)[1]
        return Output(self.head(last), last)

    def _reduced(self, values: dict[str, Tensor], there: dict[str, Tensor]) -> Tensor:
        """(..., reduced) of each modality side by side."""
        parts = []
        for name, layer in self.reduce.items():
            found = layer(self.scale(values[name], name))
            parts.append(torch.where(there[name].unsqueeze(-1), found, self.absent[name]))
        return torch.cat(parts, dim=-1)


def build(config: Config, shape: Shape) -> MovieAffect:
    """The model for data of this shape."""
    return MovieAffect(config, shape)
