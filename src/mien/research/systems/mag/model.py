"""Words -> transformer layers -> gate with what is heard and seen -> transformer layers -> mean -> scores."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.crossmodal import CrossModal
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import compact
from mien.research.layers.standardise import Standardise
from mien.research.layers.timeline import resample
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.mag.card import Config
from mien.research.systems.mag.gate import Gate


class Mag(nn.Module):
    """A transformer over words with the gate in it."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        if config.width % config.heads:
            raise RequestError(f"mag: width {config.width} must be a multiple of heads {config.heads}")
        self.task = shape.task
        others = {name: width for name, width in shape.widths.items() if name != "text"}
        self.names = tuple(others)
        self.standard = Standardise(shape.widths)
        self.absent = nn.ParameterDict({"text": nn.Parameter(torch.zeros(config.width))})
        self.words = nn.Linear(shape.widths["text"], config.width)
        self.before = _layers(config, config.before)
        self.gate = Gate(config.width, others, config.shift, config.dropout)
        self.after = _layers(config, config.after)
        self.body = nn.Sequential(nn.Linear(config.width, config.width), nn.Tanh(), nn.Dropout(config.dropout))
        self.head = nn.Linear(config.width, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer."""
        words, mask, absent = self._words(batch)
        length = mask.sum(dim=1)
        others, masks = {}, {}
        for name in self.names:
            values = self.standard(batch.inputs[name], name)
            others[name], masks[name] = resample(values, batch.masks[name], length, mask.shape[1])
        if self.before is not None:
            words = self.before(words, mask)
        words = self.gate(words, others, masks)
        if self.after is not None:
            words = self.after(words, mask)
        hidden = self.body(masked_mean(words, mask))
        return Output(self.head(hidden), hidden, {"absent": absent})

    def _words(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Words moved to the front, one learned word where there is none; (n, time, width), (n, time), (n,)."""
        values, count, _ = compact(self.standard(batch.inputs["text"], "text"), batch.masks["text"])
        places = torch.arange(values.shape[1], device=count.device)
        absent = count == 0
        words = torch.where(absent[:, None, None], self.absent["text"], self.words(values))
        return words, places < count.clamp(min=1).unsqueeze(1), absent


def _layers(config: Config, count: int) -> CrossModal | None:
    if not count:
        return None
    return CrossModal(
        config.width, config.heads, count, attention=config.attention, relu=config.dropout, residual=config.dropout
    )


def build(config: Config, shape: Shape) -> Mag:
    """The model for data of this shape."""
    return Mag(config, shape)
