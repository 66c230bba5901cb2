"""Maximum mean discrepancy between codes and the standard normal distribution."""

from __future__ import annotations

import torch
from torch import Tensor


def discrepancy(codes: Tensor, *, sampled: bool = False) -> Tensor:
    """mean k(x, x') + mean k(y, y') - 2 mean k(x, y), k(a, b) = exp(-|a - b|^2 / d^2), of codes (n, d).

    y is normal: `sampled` draws n of them, as published; else the last two means are the exact expectations. The
    published d^2 comes of a mean over d that is divided by d once more.
    """
    if sampled:
        drawn = torch.randn_like(codes)
        return _kernel(codes, codes).mean() + _kernel(drawn, drawn).mean() - 2 * _kernel(drawn, codes).mean()
    width = codes.shape[1]
    scale = float(width**2)
    among: float = (1 + 4 / scale) ** (-width / 2)
    across = (1 + 2 / scale) ** (-width / 2) * torch.exp(-codes.square().sum(dim=1) / (scale + 2))
    found: Tensor = _kernel(codes, codes).mean() + among - 2 * across.mean()
    return found


def _kernel(one: Tensor, other: Tensor) -> Tensor:
    return torch.exp(-(one.unsqueeze(1) - other.unsqueeze(0)).square().sum(dim=2) / one.shape[1] ** 2)
