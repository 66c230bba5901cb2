"""Convolution -> each modality asks each other -> memory over its answers -> last real step -> residual network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.crossmodal import CrossModal
from mien.research.layers.recurrent import last_real
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.layers.subnetworks import kind_of
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mult.card import Config


class Mult(nn.Module):
    """The multimodal transformer (Tsai et al. 2019, section 3); of a single modality only the memory is left."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if config.width % config.heads:
            raise RequestError(f"mult: width {config.width} must be a multiple of heads {config.heads}")
        self.task, self.names, self.padding = shape.task, tuple(shape.widths), config.padding
        self.standard = Standardise(shape.widths)
        self.text = nn.Dropout(config.text)
        self.project = nn.ModuleDict()
        self.ask, self.memory = nn.ModuleDict(), nn.ModuleDict()  # ask: "text<audio" is text that asks audio
        for name, width in shape.widths.items():
            kernel = getattr(config, f"kernel_{kind_of(name)}")
            self.project[name] = nn.Conv1d(width, config.width, kernel, padding="same", bias=False)
            others = [other for other in self.names if other != name]
            self.ask.update({f"{name}<{other}": _transformer(config, other) for other in others})
            self.memory[name] = _transformer(config, name, max(len(others), 1))
        answer = config.width * max(len(self.names) - 1, 1)
        self.absent = StandIn(dict.fromkeys(self.names, answer))
        whole = answer * len(self.names)
        self.body = nn.Sequential(
            nn.Linear(whole, whole), nn.ReLU(), nn.Dropout(config.output), nn.Linear(whole, whole)
        )
        self.head = nn.Linear(whole, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); hidden: what goes into the last layer."""
        values, masks = {}, {}
        for name in self.names:
            values[name] = self._projected(batch, name)
            mask = batch.masks[name]
            masks[name] = mask.any(dim=1, keepdim=True).expand_as(mask) if self.padding else mask
        summaries = [self._summary(name, values, masks) for name in self.names]
        whole = torch.cat(summaries, dim=1)
        hidden = self.body(whole) + whole
        return Output(self.head(hidden), hidden)

    def _projected(self, batch: Batch, name: str) -> Tensor:
        real = batch.masks[name].unsqueeze(-1)
        values = self.standard(batch.inputs[name], name)
        values = torch.where(real, values, values.new_zeros(()))
        if name == "text":
            values = self.text(values)
        found: Tensor = self.project[name](values.transpose(1, 2)).transpose(1, 2)
        return found

    def _summary(self, name: str, values: dict[str, Tensor], masks: dict[str, Tensor]) -> Tensor:
        """(n, answers) of one modality that asks: the last step of what it has gathered."""
        answers = [
            self.ask[f"{name}<{other}"](values[name], masks[name], values[other], masks[other])
            for other in self.names
            if other != name
        ]
        memory = self.memory[name](torch.cat(answers or [values[name]], dim=-1), masks[name])
        found: Tensor = self.absent(last_real(memory, masks[name]), masks[name].any(dim=1), name)
        return found


def _transformer(config: Config, name: str, times: int = 0) -> CrossModal:
    """The transformer of one that answers, or with `times` the memory `times` as wide."""
    layers = max(config.layers, config.memory_layers) if times else config.layers
    return CrossModal(
        config.width * max(times, 1), config.heads, layers,
        attention=getattr(config, f"attention_{kind_of(name)}"), relu=config.relu, residual=config.residual,
        embed=config.embed, causal=config.causal, positions=config.positions,
    )  # fmt: skip


def build(config: Config, shape: Shape) -> Mult:
    """The model for data of this shape."""
    return Mult(config, shape)
