"""Utterance vectors -> projected -> private and shared -> one transformer layer over all of them -> small network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.attention import Attention
from mien.research.layers.pooling import masked_mean
from mien.research.layers.recurrent import Recurrent
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.misa.card import Config


class TwoLstms(nn.Module):
    """Two bidirectional LSTMs with layer normalisation between; the last states of both, (n, 4 hidden)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.first = Recurrent(width, hidden, both=True)
        self.norm = nn.LayerNorm(2 * hidden)
        self.second = Recurrent(2 * hidden, hidden, both=True)
        self.out = 4 * hidden

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time) bool."""
        states, last = self.first(values, mask)
        return torch.cat([last, self.second(self.norm(states), mask)[1]], dim=1)


class TokenLayer(nn.Module):
    """One transformer layer over a few tokens, normalised after each part (as PyTorch's own by default)."""

    def __init__(self, width: int, heads: int, feed: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, dropout)
        self.body = nn.Sequential(nn.Linear(width, feed), nn.ReLU(), nn.Dropout(dropout), nn.Linear(feed, width))
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """tokens (n, tokens, width), mask (n, tokens) bool."""
        tokens = self.norms[0](tokens + self.drop(self.attention(tokens, tokens, mask)))
        found: Tensor = self.norms[1](tokens + self.drop(self.body(tokens)))
        return found


class Misa(nn.Module):
    """Modality-invariant and modality-specific representations (Hazarika et al. 2020, section 3)."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.names, self.text_length = shape.task, tuple(shape.widths), config.text_length
        width = config.hidden
        self.standard = Standardise(shape.widths)
        self.read = nn.ModuleDict()
        self.project = nn.ModuleDict()
        for name, given in shape.widths.items():
            read = None if name == "text" else TwoLstms(given, min(given, config.recurrent))
            if read is not None:
                self.read[name] = read
            out = given if read is None else read.out
            self.project[name] = nn.Sequential(nn.Linear(out, width), nn.ReLU(), nn.LayerNorm(width))
        self.private = nn.ModuleDict({name: _sigmoid_layer(width) for name in self.names})
        self.shared = _sigmoid_layer(width)
        self.rebuild = nn.ModuleDict({name: nn.Linear(width, width) for name in self.names})
        self.tokens = TokenLayer(width, config.heads, config.feed, config.attention_dropout)
        self.absent = StandIn({name: 2 * width for name in self.names})
        last = 2 * width * len(self.names)
        self.body = nn.Sequential(nn.Linear(last, last // 2), nn.Dropout(config.dropout), nn.ReLU())
        self.head = nn.Linear(last // 2, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs); extras: projected, private, shared and rebuilt vectors, "private/audio" and so on."""
        extras: dict[str, Tensor] = {}
        for name in self.names:
            projected = self.project[name](self._utterance(batch, name))
            private, shared = self.private[name](projected), self.shared(projected)
            extras[f"projected/{name}"], extras[f"private/{name}"] = projected, private
            extras[f"shared/{name}"], extras[f"rebuilt/{name}"] = shared, self.rebuild[name](private + shared)
        pairs = [extras[f"{kind}/{name}"] for name in self.names for kind in ("private", "shared")]
        present = [batch.masks[name].any(dim=1) for name in self.names]
        mixed = self.tokens(torch.stack(pairs, dim=1), torch.stack(present, dim=1).repeat_interleave(2, dim=1))
        whole = [
            self.absent(mixed[:, 2 * place : 2 * place + 2].flatten(1), present[place], name)
            for place, name in enumerate(self.names)
        ]
        hidden = self.body(torch.cat(whole, dim=1))
        return Output(self.head(hidden), hidden, extras)

    def _utterance(self, batch: Batch, name: str) -> Tensor:
        values, mask = self.standard(batch.inputs[name], name), batch.masks[name]
        if name not in self.read:
            return masked_mean(values, mask)
        if self.text_length and "text" in self.names:
            words = batch.masks["text"].sum(dim=1, keepdim=True).clamp(min=1)
            mask = mask & (torch.arange(mask.shape[1], device=mask.device) < words)
        found: Tensor = self.read[name](values, mask)
        return found


def _sigmoid_layer(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, width), nn.Sigmoid())


def build(config: Config, shape: Shape) -> Misa:
    """The model for data of this shape."""
    return Misa(config, shape)
