"""h_m = encoder_m(x_m); a = Linear(Layers(h_1, h_2, ...)); fused = sum of a_m h_m; scores = Linear(fused).

An absent modality adds nothing to the sum; where the weights are computed a learned vector stands for it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.emotiontalk.card import Config
from mien.research.systems.emotiontalk.encoders import FrameEncoder, Layers, UtteranceEncoder

ORDER = {"audio": 0, "text": 1, "face": 2, "scene": 3}


class EmotionTalk(nn.Module):
    """The attention baseline; `order`: what each encoder reads, audio, text, video as published."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task = shape.task
        names = sorted(shape.widths, key=lambda name: (ORDER.get(name, len(ORDER)), name))
        self.order = tuple(names * 3 if config.thrice and len(names) == 1 else names)
        self.standard = Standardise(shape.widths)
        self.encoders = nn.ModuleList(_encoder(config, shape, name) for name in self.order)
        self.absent = StandIn({str(place): config.hidden for place in range(len(self.order))})
        self.attention = Layers(config.hidden * len(self.order), config.hidden, config.dropout)
        self.weights = nn.Linear(config.hidden, len(self.order))
        self.softmax = config.softmax
        self.head = nn.Linear(config.hidden, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); hidden: the fused vector; extras: "weights" (n, encoders), 0 where absent."""
        present = torch.stack([batch.masks[name].any(dim=1) for name in self.order], dim=1)
        read = [
            encoder(self.standard(batch.inputs[name], name), batch.masks[name])
            for name, encoder in zip(self.order, self.encoders, strict=True)
        ]
        told = [self.absent(values, present[:, place], str(place)) for place, values in enumerate(read)]
        weights = self._weights(torch.cat(told, dim=1), present)
        kept = torch.where(present.unsqueeze(-1), torch.stack(read, dim=1), weights.new_zeros(()))
        fused = (kept * weights.unsqueeze(-1)).sum(dim=1)
        return Output(self.head(fused), fused, {"weights": weights})

    def _weights(self, told: Tensor, present: Tensor) -> Tensor:
        raw: Tensor = self.weights(self.attention(told))
        if self.softmax:
            raw = raw.masked_fill(~present, torch.finfo(raw.dtype).min).softmax(dim=1)
        return torch.where(present, raw, raw.new_zeros(()))


def _encoder(config: Config, shape: Shape, name: str) -> nn.Module:
    level = config.level if config.level != "auto" else ("frames" if shape.sequence else "utterance")
    if level == "utterance":
        return UtteranceEncoder(shape.widths[name], config.hidden, config.dropout)
    front = shape.longest.get(name, 1) if config.front_padding else 0
    return FrameEncoder(shape.widths[name], config.hidden, config.dropout, compress=config.compress, front=front)


def build(config: Config, shape: Shape) -> EmotionTalk:
    """The model for data of this shape."""
    return EmotionTalk(config, shape)
