"""Clips as tokens, and which tokens are hidden: what stands in front of the shared encoder."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def tubelets(frames: NDArray[np.floating], *, steps: int = 2, side: int = 16) -> NDArray[np.float32]:
    """Frames (time, height, width) or (time, height, width, channels) -> (tokens, steps x side x side x channels).

    Tokens in order of time, then rows, then columns; frames and pixels that fill no whole tubelet are left out.
    """
    x = np.asarray(frames, np.float32)
    x = x[..., np.newaxis] if x.ndim == 3 else x
    t, h, w, c = x.shape[0] // steps, x.shape[1] // side, x.shape[2] // side, x.shape[3]
    if not t * h * w:
        raise ValueError(f"frames of shape {x.shape[:3]} hold no tubelet of {steps} x {side} x {side}")
    x = x[: t * steps, : h * side, : w * side].reshape(t, steps, h, side, w, side, c)
    return x.transpose(0, 2, 4, 1, 3, 5, 6).reshape(t * h * w, -1)


def patches(log_mel: NDArray[np.floating], *, side: int = 16) -> NDArray[np.float32]:
    """Log-mel (time, bins) -> (tokens, side x side), in order of time, then bins; what fills no patch is left out."""
    return tubelets(np.asarray(log_mel)[np.newaxis], steps=1, side=side)


def draw_hidden(mask: Tensor, share: float, generator: torch.Generator | None = None) -> Tensor:
    """Which tokens are hidden: mask (n, tokens) bool of real ones -> (n, tokens) bool.

    In each row round(share x real), drawn evenly; one stays visible at least, so a row of one token hides none.
    """
    count = mask.sum(dim=1, keepdim=True)
    wanted = torch.minimum((count * share + 0.5).floor().long(), (count - 1).clamp(min=0))
    noise = torch.rand(mask.shape, generator=generator, device=generator.device if generator else mask.device)
    noise = noise.to(mask.device).masked_fill(~mask, 2.0)
    return noise.argsort(dim=1).argsort(dim=1) < wanted
