"""Mean over the segment a modality -> one of four fusions -> scores; `hidden` is the fused feature."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.balance import ClassWeights
from mien.research.layers.pooling import masked_mean
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.ras_features.card import Config


class Composed(nn.Module):
    """V1: linear scores of each modality (0 where it is absent) side by side -> Linear, ReLU, Linear."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: nn.Linear(width, shape.outputs) for name, width in shape.widths.items()})
        self.body = nn.Sequential(nn.Linear(len(self.heads) * shape.outputs, config.compose), nn.ReLU())
        self.head = nn.Linear(config.compose, shape.outputs)

    def forward(self, vectors: dict[str, Tensor], present: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """vectors (n, width), present (n,) by modality -> scores (n, outputs), feature (n, modalities * outputs)."""
        told = [head(vectors[name]) * present[name].unsqueeze(1) for name, head in self.heads.items()]
        feature = torch.cat(told, dim=1)
        return self.head(self.body(feature)), feature


class Weighed(nn.Module):
    """V2: linear scores of each modality, projected, averaged by their likeness to one learned vector."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: nn.Linear(width, shape.outputs) for name, width in shape.widths.items()})
        self.project = nn.ModuleDict({name: nn.Linear(shape.outputs, config.hidden) for name in self.heads})
        self.ask = nn.Parameter(functional.normalize(torch.randn(config.hidden), dim=0))
        self.head = nn.Linear(config.hidden, shape.outputs)

    def forward(self, vectors: dict[str, Tensor], present: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """vectors (n, width), present (n,) by modality -> scores (n, outputs), feature (n, hidden), 0 for none."""
        told = torch.stack([self.project[name](head(vectors[name])) for name, head in self.heads.items()], dim=1)
        there = torch.stack([present[name] for name in self.heads], dim=1)
        weights = (told @ self.ask).masked_fill(~there, torch.finfo(told.dtype).min).softmax(dim=1) * there
        feature = (weights.unsqueeze(-1) * told).sum(dim=1)
        return self.head(feature), feature


class Tokens(nn.Module):
    """V3: a query token reads a token of each modality that is there; V4: the projected scene stands beside it."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.aside = config.scene if config.fuse == "context" else ""
        if self.aside and self.aside not in shape.widths:
            raise RequestError(
                f'ras-features: fuse="context" needs the modality {self.aside!r} (`scene`); '
                f"the data has: {', '.join(shape.widths)}"
            )
        if config.hidden % config.heads:
            raise RequestError(f"ras-features: hidden {config.hidden} must be a multiple of heads {config.heads}")
        self.tokens = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Linear(width, config.hidden), nn.LayerNorm(config.hidden), nn.Dropout(config.dropout)
                )
                for name, width in shape.widths.items()
                if name != self.aside
            }
        )
        self.query = nn.Parameter(torch.randn(1, 1, config.hidden))
        layer = nn.TransformerEncoderLayer(config.hidden, config.heads, config.feed, config.dropout, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.scene = nn.Linear(shape.widths[self.aside], config.hidden) if self.aside else None
        width = config.hidden * (1 + (self.scene is not None))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, shape.outputs)

    def forward(self, vectors: dict[str, Tensor], present: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """vectors (n, width), present (n,) by modality -> scores (n, outputs), feature (n, hidden or twice that)."""
        some = next(iter(vectors.values()))
        told = [self.query.expand(len(some), -1, -1)]
        told += [token(vectors[name]).unsqueeze(1) for name, token in self.tokens.items()]
        absent = [torch.zeros(len(some), dtype=torch.bool, device=some.device)]
        absent += [~present[name] for name in self.tokens]
        feature = self.layers(torch.cat(told, dim=1), src_key_padding_mask=torch.stack(absent, dim=1))[:, 0]
        if self.scene is not None:
            scene = self.scene(vectors[self.aside]) * present[self.aside].unsqueeze(1)
            feature = torch.cat([feature, scene], dim=1)
        return self.head(self.norm(feature)), feature


class RasFeatures(nn.Module):
    """The means of each modality through the fusion that `config.fuse` names."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.names = shape.task, tuple(shape.widths)
        self.standard = Standardise(shape.widths)
        self.balance = ClassWeights(shape.outputs)
        self.fuse: nn.Module = {"heads": Composed, "pooled": Weighed}.get(config.fuse, Tokens)(config, shape)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); hidden: the fused feature."""
        vectors = {name: masked_mean(self.standard(batch.inputs[name], name), batch.masks[name]) for name in self.names}
        return Output(*self.fuse(vectors, batch.present))


def build(config: Config, shape: Shape) -> RasFeatures:
    """The model for data of this shape."""
    return RasFeatures(config, shape)
