"""One vector a modality -> head of the whole on all of them, and a head on each alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.layers.subnetworks import VIDEO, LastState
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.self_mm.card import Config
from mien.research.systems.self_mm.tables import WHOLE, Tables


class Readers(nn.Module):
    """Text as it comes (mean over real steps, or the first); an LSTM's last state and a linear layer for the others."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.first_step = config.first_step
        self.standard = Standardise(shape.widths)
        self.nets = nn.ModuleDict()
        self.widths: dict[str, int] = {}
        for name, width in shape.widths.items():
            out = config.lstm_video if name in VIDEO else config.lstm_audio
            if name != "text":
                self.nets[name] = LastState(width, out, out)
            self.widths[name] = width if name == "text" else out
        self.absent = StandIn(self.widths)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """(n, width) of each modality."""
        found = {}
        for name in self.widths:
            values, mask = self.standard(batch.inputs[name], name), batch.masks[name]
            found[name] = self.absent(self._read(name, values, mask), mask.any(dim=1), name)
        return found

    def _read(self, name: str, values: Tensor, mask: Tensor) -> Tensor:
        if name in self.nets:
            found: Tensor = self.nets[name](values, mask)
            return found
        if self.first_step:
            mask = mask & (mask.cumsum(dim=1) == 1)
        return masked_mean(values, mask)


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
        self.read = Readers(config, shape)
        widths = {WHOLE: config.post}
        self.heads = nn.ModuleDict({
            WHOLE: Head(sum(self.read.widths.values()), config.post, config.dropout, shape.outputs)
        })  # fmt: skip
        for name in self.names:
            kind = "video" if name in VIDEO else "text" if name == "text" else "audio"
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
