"""Sequences of several modalities on common steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mien.research.layers.timeline import extent, resample


def aligned(
    inputs: Mapping[str, Tensor], masks: Mapping[str, Tensor], names: Sequence[str]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Values (n, time, width) and masks (n, time) of `names` with equal times: each sample has as many steps as its
    longest modality, the others are stretched (`timeline.resample`). Steps missing in the middle stay missing."""
    steps = torch.stack([extent(masks[name]) for name in names]).amax(dim=0)
    longest = max(int(steps.max()), 1)
    values, seen = {}, {}
    for name in names:
        if masks[name].shape[1] == longest and bool((extent(masks[name]) == steps).all()):
            mask = masks[name]
            values[name] = torch.where(mask.unsqueeze(-1), inputs[name], inputs[name].new_zeros(()))
            seen[name] = mask
        else:
            values[name], seen[name] = resample(inputs[name], masks[name], steps, longest)
    return values, seen
