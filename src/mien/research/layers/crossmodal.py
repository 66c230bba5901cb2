"""The cross-modal transformer (Tsai et al. 2019): one modality asks, another answers; masks throughout."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from mien.research.layers.attention import Attention

Positions = Literal["time", "value", "none"]
"""Where in time a real step is; the same but none where the first feature is exactly 0; none at all."""


def sinusoid(places: Tensor, width: int) -> Tensor:
    """Sines, then cosines of each place: (...) -> (..., width); a place of 0 is nothing, as are odd widths' last."""
    half = width // 2
    rates = torch.exp(torch.arange(half, device=places.device) * -(math.log(10000) / max(half - 1, 1)))
    angles = places.unsqueeze(-1) * rates
    waves = torch.cat([angles.sin(), angles.cos(), angles.new_zeros(*places.shape, width - 2 * half)], dim=-1)
    return waves * (places > 0).unsqueeze(-1)


class CrossModalLayer(nn.Module):
    """Attention and a network four times as wide, each normalised before and added; keys share the first norm."""

    def __init__(self, width: int, heads: int, attention: float, relu: float, residual: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, attention)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        wide, narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        for layer in (wide, narrow):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.body = nn.Sequential(wide, nn.ReLU(), nn.Dropout(relu), narrow)
        self.drop = nn.Dropout(residual)

    def forward(self, asking: Tensor, answering: Tensor | None, mask: Tensor, allowed: Tensor | None) -> Tensor:
        """asking (n, q, width), answering (n, k, width) or None for itself, mask (n, k) of the answering."""
        queries = self.norms[0](asking)
        keys = queries if answering is None else self.norms[0](answering)
        asking = asking + self.drop(self.attention(queries, keys, mask, allowed))
        found: Tensor = asking + self.drop(self.body(self.norms[1](asking)))
        return found


class CrossModal(nn.Module):
    """Layers that ask the same answering steps, re-normalised in each, and a norm at the end.

    causal: step i may read step j only where j - i is at most the difference of the lengths (the reference code).
    A sample whose answering modality is absent reads nothing: its own steps go through the layers alone.
    """

    def __init__(
        self, width: int, heads: int, layers: int, *, attention: float = 0.0, relu: float = 0.0, residual: float = 0.0,
        embed: float = 0.0, causal: bool = False, positions: Positions = "time",
    ) -> None:  # fmt: skip
        super().__init__()
        self.width, self.causal, self.positions = width, causal, positions
        self.layers = nn.ModuleList(CrossModalLayer(width, heads, attention, relu, residual) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(embed)

    def forward(
        self, asking: Tensor, mask: Tensor, answering: Tensor | None = None, its_mask: Tensor | None = None
    ) -> Tensor:
        """asking (n, q, width), mask (n, q) bool; answering (n, k, width), its_mask (n, k), or None for itself."""
        keys_mask = mask if its_mask is None else its_mask
        allowed = _triangle(mask.shape[1], keys_mask.shape[1], mask.device) if self.causal else None
        found = self._embed(asking, mask)
        keys = None if answering is None or its_mask is None else self._embed(answering, its_mask)
        for layer in self.layers:
            found = layer(found, keys, keys_mask, allowed)
        normed: Tensor = self.norm(found)
        return normed

    def _embed(self, values: Tensor, mask: Tensor) -> Tensor:
        found = math.sqrt(self.width) * values
        if self.positions != "none":
            real = mask & (values[..., 0] != 0) if self.positions == "value" else mask
            steps = torch.arange(1, mask.shape[1] + 1, device=mask.device)
            found = found + sinusoid(steps * real, self.width).to(found.dtype)
        dropped: Tensor = self.drop(found)
        return dropped


def _triangle(asking: int, answering: int, device: torch.device) -> Tensor:
    """(asking, answering) bool: what may be read."""
    offset = abs(asking - answering)
    return torch.ones(asking, answering, dtype=torch.bool, device=device).tril(offset)
