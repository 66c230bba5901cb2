"""The dialogue network: encoders of each modality, fusion, classifier (paper, section 3.2.2).

Turns are rows, (n, width), of all dialogues together: only attention needs them side by side, so that linear layers
never work on padding. Absent turns are the caller's matter: every row here is real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.layers.crossmodal import sinusoid
from mien.research.layers.dialogue import Dialogues
from mien.research.systems.m2fnet.card import Activation, Config


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """Who may attend to whom: may (d, 1, turns or 1, turns) bool; turn: (n,) place of each row in its dialogue."""

    dialogues: Dialogues
    may: Tensor
    turn: Tensor

    @classmethod
    def of(cls, dialogues: Dialogues, causal: bool) -> Talk:
        """Every turn to every real turn of its dialogue; with `causal` to those up to itself."""
        mask = dialogues.mask
        may = mask[:, None, None, :]
        if causal:
            may = may & torch.ones(mask.shape[1], mask.shape[1], dtype=torch.bool, device=mask.device).tril()
        return cls(dialogues, may, dialogues.back % mask.shape[1])


class TurnAttention(nn.Module):
    """Multi-head attention between the turns of a dialogue; keys and values may come from different streams."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        for layer in (self.query, self.key, self.value):
            nn.init.xavier_uniform_(layer.weight)
        for layer in (self.query, self.key, self.value, self.out):
            nn.init.zeros_(layer.bias)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, talk: Talk) -> Tensor:
        """All (n, width) -> (n, width)."""
        dialogues = talk.dialogues
        found = functional.scaled_dot_product_attention(
            self._split(self.query(queries), dialogues),
            self._split(self.key(keys), dialogues),
            self._split(self.value(values), dialogues),
            attn_mask=talk.may,
            dropout_p=self.dropout if self.training else 0.0,
        )
        mixed: Tensor = self.out(dialogues.flat(found.transpose(1, 2).flatten(2)))
        return mixed

    def _split(self, rows: Tensor, dialogues: Dialogues) -> Tensor:
        table = rows.index_select(0, dialogues.rows.flatten())
        return table.view(*dialogues.rows.shape, self.heads, -1).transpose(1, 2)


class EncoderLayer(nn.Module):
    """A transformer layer, post-norm with ReLU (third party); the paper says transformer encoder and no more."""

    def __init__(self, width: int, heads: int, wide: int, dropout: float) -> None:
        super().__init__()
        self.attention = TurnAttention(width, heads, dropout)
        self.body = nn.Sequential(
            nn.Linear(width, wide), nn.ReLU(), nn.Dropout(dropout), nn.Linear(wide, width), nn.Dropout(dropout)
        )
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, talk: Talk) -> Tensor:
        """(n, width) -> (n, width)."""
        x = self.norms[0](x + self.drop(self.attention(x, x, x, talk)))
        out: Tensor = self.norms[1](x + self.body(x))
        return out


class DialogueEncoder(nn.Module):
    """One modality over the turns: x <- x + Enc(x) for each encoder, of the fusion's width in the end."""

    def __init__(self, width: int, config: Config) -> None:
        super().__init__()
        before = config.project == "before"
        size = config.width if before else width
        if size % config.heads:
            allowed = ", ".join(str(n) for n in range(1, size + 1) if size % n == 0)
            raise RequestError(f"{config.heads} heads do not divide a width of {size}; heads that do: {allowed}")
        self.positions = config.positions
        self.enter = nn.Linear(width, size) if before else nn.Identity()
        self.encoders = nn.ModuleList(
            nn.ModuleList(EncoderLayer(size, config.heads, config.inner, config.dropout) for _ in range(config.layers))
            for _ in range(config.encoders)
        )
        # A module registered twice could not be saved: the published shared norm is a list of one.
        norms = min(config.encoders, 1) if config.shared_norm else config.encoders
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(norms))
        self.dropout = nn.Dropout(config.dropout)
        self.leave: nn.Module = nn.Identity()
        if not before:
            self.leave = nn.Sequential(nn.Linear(size, config.width), nn.Dropout(config.dropout))

    def forward(self, x: Tensor, talk: Talk) -> Tensor:
        """(n, width of the features) -> (n, width of fusion)."""
        x = self.enter(x)
        if self.positions == "sinusoidal":
            x = x + sinusoid(talk.turn + 1, x.shape[1])
        for at, layers in enumerate(self.encoders):
            assert isinstance(layers, nn.ModuleList)
            found = x
            for layer in layers:
                found = layer(found, talk)
            x = x + self.norms[min(at, len(self.norms) - 1)](found)
        out: Tensor = self.leave(self.dropout(x))
        return out


class FusionLayer(nn.Module):
    """The main stream asks; each other modality is the key, and what is delivered is the main stream (eq. 6, 7).

    So the others decide which turns count, and say nothing themselves: key and value are easily confused here.
    """

    def __init__(
        self, width: int, heads: int, others: int, dropout: float = 0.0, activation: Activation = "both"
    ) -> None:
        super().__init__()
        self.attentions = nn.ModuleList(TurnAttention(width, heads, dropout) for _ in range(others))
        self.linear = nn.Linear((1 + others) * width, width)
        self.before: nn.Module = nn.ReLU() if activation == "both" else nn.Identity()
        self.after: nn.Module = nn.Identity() if activation == "none" else nn.ReLU()

    def forward(self, main: Tensor, others: list[Tensor], talk: Talk) -> Tensor:
        """All (n, width) -> the main stream, updated."""
        asked = [attention(main, other, main, talk) for attention, other in zip(self.attentions, others, strict=True)]
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

    def forward(self, streams: Mapping[str, Tensor], dialogues: Dialogues) -> tuple[Tensor, Tensor]:
        """streams: modality -> (n, width) -> scores (n, outputs) and the layer before them."""
        talk = Talk.of(dialogues, self.causal)
        main, *others = (self.encoders[name](streams[name], talk) for name in self.names)
        for layer in self.fusion:
            main = self.dropout(layer(main, others, talk))
        hidden = self.body(torch.cat([main, *others], dim=-1))
        return self.head(hidden), hidden
