"""means over time, personality, emotion side by side -> (Linear, ReLU, Dropout) for each hidden width -> Linear."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mdpe.card import EMOTION, PERSONALITY, Config
from mien.research.systems.mdpe.rows import released_rows, unsorted_rows


class Mdpe(nn.Module):
    """The baseline; `features` and `sides` name what is read, in the order of the first layer's inputs."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.config = shape.task, config
        self.features, self.sides = _chosen(config, shape)
        widths = {name: shape.widths[name] for name in (*self.features, *self.sides)}
        self.standard = Standardise(widths)
        self.absent = StandIn(widths)
        blocks: list[nn.Module] = []
        width = sum(widths.values())
        for hidden in config.hidden:
            blocks += [nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(config.dropout)]
            width = hidden
        self.body = nn.Sequential(*blocks)
        self.head = nn.Linear(width, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer."""
        parts = [self._mean(batch, name) for name in (*self.features, *self.sides)]
        if self.config.rows == "released":
            parts = self._mixed(batch, parts)
        hidden = self.body(torch.cat(parts, dim=1))
        return Output(self.head(hidden), hidden)

    def _mean(self, batch: Batch, name: str) -> Tensor:
        """(n, width); the learned vector where the modality is absent."""
        mask = batch.masks[name]
        mean = masked_mean(self.standard(batch.inputs[name], name), mask)
        if self.config.mean == "padded":
            mean = mean * mask.sum(dim=1, keepdim=True) / mask.shape[1]
        return self.absent(mean, mask.any(dim=1), name)  # type: ignore[no-any-return]

    def _mixed(self, batch: Batch, parts: list[Tensor]) -> list[Tensor]:
        lengths = [batch.masks[name].sum(dim=1) for name in self.features]
        rows = [*released_rows(lengths), *[unsorted_rows(lengths[0])] * len(self.sides)]
        return [part[row] for part, row in zip(parts, rows, strict=True)]


def _chosen(config: Config, shape: Shape) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Features in the order of the data (or of `modalities`), then personality, then emotion (the released order)."""
    sides = (PERSONALITY, EMOTION)
    there = tuple(name for name in shape.widths if name not in sides)
    features = config.modalities or there
    if unknown := [name for name in features if name not in there]:
        raise RequestError(f"mdpe: no modality {', '.join(unknown)} in the data; it has: {', '.join(there) or 'none'}")
    if not features:
        raise RequestError("mdpe: personality and emotion are side inputs; at least one further modality is needed")
    wanted = {PERSONALITY: config.personality, EMOTION: config.emotion}
    return features, tuple(name for name in sides if wanted[name] and name in shape.widths)


def build(config: Config, shape: Shape) -> Mdpe:
    """The model for data of this shape."""
    return Mdpe(config, shape)
