"""The experiments' attention: the layers of a frozen encoder, gated feature by feature (layers form).

Per head, over its group of layers: z = (y - mean - d) / sqrt(v + 1e-5), v = biased variance + 1e-8,
gate = exp(-z^2 / (2 c)), with d and c per head and per feature (DAAM-PEFT-paper-code @093212b, DAAM).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.systems.gaussian_adaptive_attention.card import Gate, Variance, Widths
from mien.research.systems.gaussian_adaptive_attention.widths import Width


def layer_gates(
    y: Tensor,
    offsets: Tensor,
    widths: Tensor,
    *,
    mask: Tensor | None = None,
    eps: float = 1e-5,
    variance: Variance = "deviations",
) -> Tensor:
    """Gates in (0, 1] of y (..., layers, width), 1 at the offset mean; mask (..., layers): layers that are there.

    offsets, widths: (..., width), one Gaussian a group and feature. What is not there is read nowhere and gets 0.
    variance: of the deviations, or published, |E[y^2] - E[y]^2|, which float32 rounds away where layers are alike.
    """
    real = None if mask is None else mask.unsqueeze(-1)
    if real is not None:
        y = torch.where(real, y, y.new_zeros(()))

    def mean(values: Tensor) -> Tensor:
        if real is None:
            return values.mean(dim=-2, keepdim=True)
        return values.sum(dim=-2, keepdim=True) / real.sum(dim=-2, keepdim=True).clamp(min=1)

    middle = mean(y)
    deviation = y - middle
    if real is not None:
        deviation = deviation * real
    spread = mean(deviation.square()) if variance == "deviations" else (mean(y.square()) - middle.square()).abs()
    # One factor a group and feature, so that the large tables are gone through as few times as can be.
    factor = -0.5 / ((spread + (1e-8 + eps)) * widths.unsqueeze(-2))
    gates = torch.exp((deviation - offsets.unsqueeze(-2)).square() * factor)
    return gates if real is None else gates * real


class LayerAggregation(nn.Module):
    """Hidden states of `layers` encoder layers, `width` wide, times their gates; heads take consecutive layers.

    gate: "learned"; "fixed" keeps offset 0 and width 2, which trained models hardly leave; "none" gates nothing.
    RequestError where heads do not divide the layers, naming what does.
    """

    def __init__(
        self,
        layers: int,
        width: int,
        heads: int = 8,
        *,
        gate: Gate = "learned",
        widths: Widths = "positive",
        variance: Variance = "deviations",
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        if heads < 1 or layers % heads:
            divisors = ", ".join(str(n) for n in range(1, layers + 1) if layers % n == 0)
            raise RequestError(f"{heads} heads do not divide {layers} layers; these do: {divisors}")
        self.layers, self.heads, self.eps = layers, heads, eps
        self.gate = gate
        self.variance: Variance = variance
        self.offsets = nn.Parameter(torch.zeros(heads, width), requires_grad=gate == "learned")
        self.width = Width(torch.full((heads, width), 2.0), widths)
        self.width.requires_grad_(gate == "learned")

    def forward(self, x: Tensor, mask: Tensor | None = None, frames: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Gated x and the gates.

        x: (n, layers, width), or (n, layers, frames, width), whose frames are averaged first (`frames`: (n, frames)
        bool, the real ones); mask: (n, layers) bool, the layers that are there. Both results (n, layers, width).
        """
        if x.ndim == 4:
            x = _over_frames(x, frames)
        if x.shape[1] != self.layers:
            raise RequestError(f"expected {self.layers} layers, got {x.shape[1]}")
        if mask is not None:
            x = torch.where(mask.unsqueeze(-1), x, x.new_zeros(()))
        if self.gate == "none":
            gates = torch.ones_like(x) if mask is None else mask.unsqueeze(-1).to(x.dtype).expand_as(x)
            return x, gates
        grouped = x.reshape(len(x), self.heads, -1, x.shape[-1])
        there = None if mask is None else mask.reshape(len(mask), self.heads, -1)
        gates = layer_gates(
            grouped, self.offsets, self.width(), mask=there, eps=self.eps, variance=self.variance
        ).flatten(1, 2)
        return x * gates, gates


def _over_frames(x: Tensor, frames: Tensor | None) -> Tensor:
    """Mean over real frames: (n, layers, frames, width) -> (n, layers, width)."""
    if frames is None:
        return x.mean(dim=2)
    real = frames[:, None, :, None]
    return torch.where(real, x, x.new_zeros(())).sum(dim=2) / real.sum(dim=2).clamp(min=1)
