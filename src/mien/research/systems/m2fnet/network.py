"""The dialogue network on (dialogues, turns): encoders of each modality, fusion, classifier (paper, section 3.2.2)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.layers.attention import Attention
from mien.research.layers.crossmodal import sinusoid
from mien.research.systems.m2fnet.card import Activation, Config


class DialogueEncoder(nn.Module):
    """One modality over the turns: x <- x + Enc(x) for each encoder, all of the fusion's width in the end."""

    def __init__(self, width: int, config: Config) -> None:
        super().__init__()
        before = config.project == "before"
        size = config.width if before else width
        if size % config.heads:
            allowed = ", ".join(str(n) for n in range(1, size + 1) if size % n == 0)
            raise RequestError(f"{config.heads} heads do not divide a width of {size}; heads that do: {allowed}")
        self.positions = config.positions
        self.enter = nn.Linear(width, size) if before else nn.Identity()
        self.encoders = nn.ModuleList(_encoder(size, config) for _ in range(config.encoders))
        # A module registered twice could not be saved: the published shared norm is a list of one.
        self.norms = nn.ModuleList(
            nn.LayerNorm(size) for _ in range(min(config.encoders, 1) if config.shared_norm else config.encoders)
        )
        self.dropout = nn.Dropout(config.dropout)
        self.leave = (
            nn.Identity() if before else nn.Sequential(nn.Linear(size, config.width), nn.Dropout(config.dropout))
        )

    def forward(self, x: Tensor, mask: Tensor, later: Tensor | None) -> Tensor:
        """x (d, turns, width), mask (d, turns), later (turns, turns) bool: pairs that may not meet."""
        x = self.enter(x)
        if self.positions == "sinusoidal":
            x = x + sinusoid(torch.arange(1, x.shape[1] + 1, device=x.device), x.shape[2])
        for at, encoder in enumerate(self.encoders):
            found = encoder(x, mask=later, src_key_padding_mask=~mask)
            x = x + self.norms[min(at, len(self.norms) - 1)](found)
        out: Tensor = self.leave(self.dropout(x))
        return out


def _encoder(width: int, config: Config) -> nn.TransformerEncoder:
    """Post-norm layers with ReLU (third party); the paper says transformer encoder and no more."""
    layer = nn.TransformerEncoderLayer(width, config.heads, config.widen * width, config.dropout, batch_first=True)
    return nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)


class FusionLayer(nn.Module):
    """The main stream asks; each other modality is the key, and what is delivered is the main stream (eq. 6, 7).

    So the others decide which turns count, and say nothing themselves: key and value are easily confused here.
    """

    def __init__(
        self, width: int, heads: int, others: int, dropout: float = 0.0, activation: Activation = "both"
    ) -> None:
        super().__init__()
        self.attentions = nn.ModuleList(Attention(width, heads, dropout) for _ in range(others))
        self.linear = nn.Linear((1 + others) * width, width)
        self.before: nn.Module = nn.ReLU() if activation == "both" else nn.Identity()
        self.after: nn.Module = nn.Identity() if activation == "none" else nn.ReLU()

    def forward(self, main: Tensor, others: list[Tensor], mask: Tensor, allowed: Tensor | None = None) -> Tensor:
        """All (d, turns, width); mask (d, turns): real turns; allowed (turns, turns) -> the main stream, updated."""
        asked = [
            attention(main, other, mask, allowed, values=main)
            for attention, other in zip(self.attentions, others, strict=True)
        ]
        updated: Tensor = self.after(self.linear(self.before(torch.cat([main, *asked], dim=-1))))
        return updated


class DialogueNetwork(nn.Module):
    """Streams of turns to scores; the main stream first, the others in their order."""

    def __init__(self, config: Config, widths: Mapping[str, int], outputs: int) -> None:
        super().__init__()
        self.causal = config.causal
        main = config.main if config.main in widths else next(iter(widths))
        self.names = (main, *(name for name in widths if name != main))
        self.encoders = nn.ModuleDict({name: DialogueEncoder(widths[name], config) for name in self.names})
        others = len(self.names) - 1
        layers = config.fusion_layers if others and config.fusion == "attention" else 0
        self.fusion = nn.ModuleList(
            FusionLayer(config.width, config.heads, others, config.dropout, config.activation) for _ in range(layers)
        )
        self.dropout = nn.Dropout(config.dropout)
        self.body = nn.Sequential(
            nn.Linear(len(self.names) * config.width, config.hidden), nn.ReLU(), nn.Dropout(config.dropout)
        )
        self.head = nn.Linear(config.hidden, outputs)

    def forward(self, streams: Mapping[str, Tensor], mask: Tensor) -> tuple[Tensor, Tensor]:
        """streams: modality -> (d, turns, width), mask (d, turns): real turns -> scores and the layer before them.

        What stands at turns that are not real has no meaning, on either side.
        """
        allowed = None
        if self.causal:
            allowed = torch.ones(mask.shape[1], mask.shape[1], dtype=torch.bool, device=mask.device).tril()
        later = None if allowed is None else ~allowed
        encoded = [self.encoders[name](streams[name], mask, later) for name in self.names]
        hidden = self.body(torch.cat(self.fuse(encoded, mask, allowed), dim=-1))
        return self.head(hidden), hidden

    def fuse(self, encoded: list[Tensor], mask: Tensor, allowed: Tensor | None = None) -> list[Tensor]:
        """The main stream after all layers, and the others, which are never updated."""
        main, others = encoded[0], encoded[1:]
        for layer in self.fusion:
            main = self.dropout(layer(main, others, mask, allowed))
        return [main, *others]
