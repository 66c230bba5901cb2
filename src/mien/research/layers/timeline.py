"""Sequences of different rates on one time line."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from mien.research.layers.recurrent import compact


def extent(mask: Tensor) -> Tensor:
    """(n, time) bool -> (n,) steps up to the last real one; 0 where there is none."""
    steps = torch.arange(1, mask.shape[1] + 1, device=mask.device)
    return (steps * mask).amax(dim=1)


def resample(values: Tensor, mask: Tensor, length: Tensor, longest: int) -> tuple[Tensor, Tensor]:
    """Sequences (n, time, width) stretched or averaged to `length` (n,) steps of equal duration each.

    A new step is the mean of the real old ones it covers, by overlap; it is real where it covers any. A sequence that
    has its length already stays as it is. Returns (n, longest, width) and (n, longest) bool.
    """
    time = mask.shape[1]
    old, new = extent(mask).clamp(min=1).unsqueeze(1), length.clamp(min=1).unsqueeze(1)
    old_at, new_at = torch.arange(time, device=mask.device), torch.arange(longest, device=mask.device)
    # In units of 1 / (old * new) all edges are integers, so nothing is lost to rounding.
    old_start, new_start = (old_at * new).unsqueeze(1), (new_at * old).unsqueeze(2)
    overlap = torch.minimum(old_start + new.unsqueeze(1), new_start + old.unsqueeze(1)) - torch.maximum(
        old_start, new_start
    )
    overlap = overlap.clamp(min=0) * mask.unsqueeze(1) * (new_at < length.unsqueeze(1)).unsqueeze(2)
    total = overlap.sum(dim=2, keepdim=True)
    weights = overlap / total.clamp(min=1)
    kept = torch.where(mask.unsqueeze(-1), values, values.new_zeros(()))
    return weights.to(kept.dtype) @ kept, total.squeeze(2) > 0


def pushed_back(values: Tensor, mask: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Real steps at the end of `steps` (or of their own longest), zeros in front that count as real."""
    moved, count, _ = compact(values, mask)
    steps = max(steps, int(count.max()))
    moved = functional.pad(moved, (0, 0, 0, max(steps - moved.shape[1], 0)))[:, :steps]
    at = torch.arange(steps, device=mask.device) - (steps - count).unsqueeze(1)
    found = moved.gather(1, at.clamp(min=0).unsqueeze(-1).expand_as(moved))
    found = torch.where((at >= 0).unsqueeze(-1), found, found.new_zeros(()))
    there = (count > 0).unsqueeze(1).expand(-1, steps)
    return found, there
