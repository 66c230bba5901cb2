"""The Mamba block, one way or both (structure: state-spaces/mamba @e9594ce `Mamba`, hustvl/Vim @dd0358a "v2")."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.layers.scan import Discretisation, selective_scan

Reverse = Literal["real", "padded"]
Combine = Literal["sum", "mean"]
NO_DECAY = ("a_log", "skip")
"""Ends of the names of parameters that weight decay must not touch."""


def flip_real(values: Tensor, mask: Tensor | None) -> Tensor:
    """The real steps in reverse order, padding where it was: values (n, time, ...), mask (n, time), real steps first.

    Without a mask all steps are flipped.
    """
    if mask is None:
        return values.flip(1)
    steps = torch.arange(mask.shape[1], device=mask.device)
    count = mask.sum(dim=1, keepdim=True)
    order = torch.where(steps < count, count - 1 - steps, steps)
    return values.gather(1, order.reshape(*order.shape, *[1] * (values.dim() - 2)).expand_as(values))


def causal_depthwise(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """x (n, time, channels), weight (channels, width): the sum of shifted copies, the last tap on the step itself."""
    width = weight.shape[1]
    padded = functional.pad(x, (0, 0, width - 1, 0))
    total = torch.addcmul(bias, x, weight[:, -1])
    for tap in range(width - 1):
        total = torch.addcmul(total, padded[:, tap : tap + x.shape[1]], weight[:, tap])
    return total


class SelectiveSSM(nn.Module):
    """Convolution, SiLU, and the scan whose delta, B and C are made from its input; one direction.

    Starts: A = -(1..state) in each channel, D = 1, delta log-uniform in [1e-3, 0.1].
    """

    def __init__(self, channels: int, state: int, conv: int, rank: int, discretisation: Discretisation) -> None:
        super().__init__()
        self.rank, self.state, self.discretisation = rank, state, discretisation
        bound = 1 / math.sqrt(conv)
        self.conv_weight = nn.Parameter(torch.empty(channels, conv).uniform_(-bound, bound))
        self.conv_bias = nn.Parameter(torch.empty(channels).uniform_(-bound, bound))
        self.x_proj = nn.Linear(channels, rank + 2 * state, bias=False)
        self.dt_proj = nn.Linear(rank, channels)
        self.a_log = nn.Parameter(torch.arange(1, state + 1.0).log().repeat(channels, 1))
        self.skip = nn.Parameter(torch.ones(channels))
        with torch.no_grad():
            self.dt_proj.weight.uniform_(-(rank**-0.5), rank**-0.5)
            delta = torch.empty(channels).uniform_(math.log(1e-3), math.log(0.1)).exp()
            self.dt_proj.bias.copy_(delta + torch.log(-torch.expm1(-delta)))  # the inverse of softplus

    def forward(self, x: Tensor) -> Tensor:
        """(n, time, channels) -> the same shape."""
        x = functional.silu(causal_depthwise(x, self.conv_weight, self.conv_bias))
        dt, b, c = self.x_proj(x).split([self.rank, self.state, self.state], dim=-1)
        delta = functional.softplus(self.dt_proj(dt).to(torch.promote_types(x.dtype, torch.float32)))
        found, _ = selective_scan(
            x, delta, -self.a_log.exp(), b, c, self.skip, discretisation=self.discretisation
        )  # fmt: skip
        return found


class Mamba(nn.Module):
    """x, z = in_proj(u); y = out_proj(ssm(x) silu(z)); with `both`, a second scan reads the steps backwards.

    width in and out; expand: inner channels a width; rank: of the map that makes delta, 0 for width / 16 rounded up.
    combine: of the two directions. reverse: "real" flips the real steps only; "padded" flips padding too, which then
    enters the backward state first, as in the published vision code.
    """

    def __init__(
        self, width: int, *, state: int = 16, expand: int = 2, conv: int = 4, rank: int = 0, both: bool = False,
        combine: Combine = "sum", reverse: Reverse = "real", discretisation: Discretisation = "euler",
    ) -> None:  # fmt: skip
        super().__init__()
        inner, rank = expand * width, rank or -(-width // 16)
        self.combine, self.reverse = combine, reverse
        self.in_proj = nn.Linear(width, 2 * inner, bias=False)
        self.ahead = SelectiveSSM(inner, state, conv, rank, discretisation)
        self.behind = SelectiveSSM(inner, state, conv, rank, discretisation) if both else None
        self.out_proj = nn.Linear(inner, width, bias=False)

    def forward(self, u: Tensor, mask: Tensor | None = None) -> Tensor:
        """u (n, time, width), mask (n, time) bool with the real steps first -> (n, time, width), 0 where none is."""
        x, z = self.in_proj(u).chunk(2, dim=-1)
        y = self.ahead(x)
        if self.behind is not None:
            real = mask if self.reverse == "real" else None
            y = y + flip_real(self.behind(flip_real(x, real)), real)
            if self.combine == "mean":
                y = y / 2
        found: Tensor = self.out_proj(y * functional.silu(z))
        return found if mask is None else torch.where(mask.unsqueeze(-1), found, found.new_zeros(()))


class MambaStack(nn.Module):
    """Pre-norm residual blocks: x + dropout(mamba(norm(x))), and a last norm."""

    def __init__(self, width: int, blocks: int, dropout: float, mamba: dict[str, object]) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(blocks + 1))
        self.blocks = nn.ModuleList(Mamba(width, **mamba) for _ in range(blocks))  # type: ignore[arg-type]
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(n, time, width), mask (n, time) bool with the real steps first -> the same shape."""
        for norm, block in zip(self.norms, self.blocks, strict=False):
            x = x + self.dropout(block(norm(x), mask))
        found: Tensor = self.norms[-1](x)
        return found
