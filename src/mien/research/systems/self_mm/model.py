"""One vector a modality -> head of the whole on all of them, and a head on each alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.readers import Readers
from mien.research.layers.subnetworks import kind_of
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.self_mm.card import Config
from mien.research.systems.self_mm.tables import WHOLE, Tables


class Head(nn.Module):
    """Dropout -> Linear, ReLU (the features) -> Linear, ReLU -> Linear."""

    def __init__(self, width: int, post: int, dropout: float, outputs: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, post), nn.ReLU())
        self.second = nn.Sequential(nn.Linear(post, post), nn.ReLU(), nn.Linear(post, outputs))

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """(n, width) -> features (n, post), scores (n, outputs)."""
        features = self.first(values)
        return features, self.second(features)


class SelfMm(nn.Module):
    """Self-supervised multi-task learning (Yu et al. 2021, section 3); `tables` is what its losses keep."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.names = shape.task, tuple(shape.widths)
        states = {"audio": config.lstm_audio, "video": config.lstm_video}
        self.read = Readers(shape, states, states, first_step=config.first_step)
        widths = {WHOLE: config.post}
        self.heads = nn.ModuleDict({
            WHOLE: Head(sum(self.read.widths.values()), config.post, config.dropout, shape.outputs)
        })  # fmt: skip
        for name in self.names:
            kind = kind_of(name)
            widths[name] = getattr(config, f"post_{kind}")
            dropout = getattr(config, f"dropout_{kind}")
            self.heads[name] = Head(self.read.widths[name], widths[name], dropout, shape.outputs)
        self.tables = Tables(widths, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) of the whole; extras: "scores/audio" of each modality, "features/..." of all heads."""
        read = self.read(batch)
        features, scores = self.heads[WHOLE](torch.cat(list(read.values()), dim=1))
        extras = {f"features/{WHOLE}": features}
        for name, values in read.items():
            extras[f"features/{name}"], extras[f"scores/{name}"] = self.heads[name](values)
        return Output(scores, features, extras)


def build(config: Config, shape: Shape) -> SelfMm:
    """The model for data of this shape."""
    return SelfMm(config, shape)
