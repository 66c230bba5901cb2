"""Sequences of several modalities on common steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def aligned(
    inputs: Mapping[str, Tensor], masks: Mapping[str, Tensor], names: Sequence[str]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Values and masks of `names`, all (n, time, ...): a sample's shorter modalities are read more than once a step.

    A sample has as many steps as its longest modality; step s of S reads the step at the same share of a modality
    (whole steps, the middle of s). Modalities that are as long as the longest keep their steps. Steps that are missing
    in the middle stay missing; padding never counts.
    """
    extents = {name: _extent(masks[name]) for name in names}
    steps = torch.stack(tuple(extents.values())).amax(dim=0)
    time = torch.arange(max(int(steps.max()), 1), device=steps.device)
    values, seen = {}, {}
    for name, extent in extents.items():
        at = ((2 * time + 1) * extent.unsqueeze(1)) // (2 * steps.clamp(min=1).unsqueeze(1))
        at = at.clamp(max=masks[name].shape[1] - 1)
        mask = masks[name].gather(1, at) & (time < steps.unsqueeze(1)) & (extent > 0).unsqueeze(1)
        found = inputs[name].gather(1, at.unsqueeze(-1).expand(-1, -1, inputs[name].shape[-1]))
        values[name], seen[name] = torch.where(mask.unsqueeze(-1), found, found.new_zeros(())), mask
    return values, seen


def _extent(mask: Tensor) -> Tensor:
    """Steps up to the last real one: (n, time) bool -> (n,)."""
    steps = torch.arange(1, mask.shape[1] + 1, device=mask.device)
    return torch.where(mask, steps, steps.new_zeros(())).amax(dim=1)
