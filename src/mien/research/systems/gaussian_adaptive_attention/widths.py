"""Widths of Gaussians that stay positive, or run free as published."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.systems.gaussian_adaptive_attention.card import Widths

FLOOR = 1e-4


class Width(nn.Module):
    """Learnable widths that start at `start`; "positive": softplus(raw) + 1e-4, "free": the parameter itself."""

    def __init__(self, start: Tensor, kind: Widths = "positive") -> None:
        super().__init__()
        self.kind = kind
        self.raw = nn.Parameter(torch.empty_like(start))
        self.set(start)

    def forward(self) -> Tensor:
        """The widths."""
        return self.raw if self.kind == "free" else functional.softplus(self.raw) + FLOOR

    @torch.no_grad()
    def set(self, widths: Tensor) -> None:
        """Take these widths; "positive" needs them above 1e-4."""
        if self.kind == "positive":
            above = (widths.double() - FLOOR).clamp(min=1e-12)
            widths = above + torch.log(-torch.expm1(-above))
        self.raw.copy_(widths)
