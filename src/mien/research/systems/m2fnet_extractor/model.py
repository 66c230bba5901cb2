"""An extractor a modality (network, then one linear layer), and a linear layer on all embeddings that answers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.probe import Probe, evaluating
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.m2fnet_extractor.card import Config
from mien.research.systems.m2fnet_extractor.resnet import ResNet


class MeanNetwork(nn.Module):
    """The mean of real steps and two layers, for vectors."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.out = hidden
        self.layers = nn.Sequential(nn.Linear(width, hidden), nn.ReLU())

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, time, width) -> (n, hidden)."""
        out: Tensor = self.layers(masked_mean(x, mask))
        return out


class Extractor(nn.Module):
    """The system. hidden: embeddings of all modalities of length 1 each, zeros where absent; extras `embedding/NAME`:
    (n, width) as the losses see them. The answering layer sends nothing back."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.normalise = config.normalise
        self.standard = Standardise(shape.widths)
        picture = config.network == "resnet" or (config.network == "auto" and shape.sequence)
        networks = {
            name: ResNet(config.channels, config.blocks) if picture else MeanNetwork(width, config.hidden)
            for name, width in shape.widths.items()
        }
        self.networks = nn.ModuleDict(networks)
        self.projectors = nn.ModuleDict({name: nn.Linear(each.out, config.width) for name, each in networks.items()})
        self.head = Probe(dict.fromkeys(shape.widths, config.width), 0, shape.outputs)
        self.register_buffer("frozen", torch.tensor(False))

    def forward(self, batch: Batch) -> Output:
        """Scores (n, classes)."""
        if self.get_buffer("frozen"):
            with torch.no_grad(), evaluating(self.networks):
                extras = self._embeddings(batch)
        else:
            extras = self._embeddings(batch)
        features = {name.partition("/")[2]: values for name, values in extras.items()}
        if self.normalise:
            features = {name: functional.normalize(values, dim=1) for name, values in features.items()}
        scores = self.head({name: values.detach() for name, values in features.items()}, batch.present)
        return Output(scores, torch.cat(list(features.values()), dim=1), extras)

    def _embeddings(self, batch: Batch) -> dict[str, Tensor]:
        extras = {}
        for name, network in self.networks.items():
            mask = batch.masks[name]
            x = self.standard(batch.inputs[name], name)
            x = torch.where(mask.unsqueeze(-1), x, x.new_zeros(()))
            found = self.projectors[name](network(x, mask))
            extras[f"embedding/{name}"] = torch.where(mask.any(dim=1, keepdim=True), found, found.new_zeros(()))
        return extras


def build(config: Config, shape: Shape) -> Extractor:
    """The model for data of this shape."""
    return Extractor(config, shape)
