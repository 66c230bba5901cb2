"""Views of clips: which steps of each modality a view sees."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

Masks = Mapping[str, Tensor]


def lengths(mask: Tensor) -> Tensor:
    """Steps up to the last real one, (n,)."""
    steps = torch.arange(1, mask.shape[1] + 1, device=mask.device)
    return (mask * steps).amax(dim=1)


def by_share(masks: Masks, share: float, place: Tensor, whole: frozenset[str] = frozenset({"text"})) -> Masks:
    """A window of `share` of each clip's length at `place` (n,) in [0, 1]: 0 its start, 1 its end.

    The place is one for all modalities, so the windows meet in time whatever their rates; `whole` ones are not cut.
    """
    cut = {}
    for name, mask in masks.items():
        if name in whole:
            cut[name] = mask
            continue
        length = lengths(mask)
        size = (length * share).ceil().long()
        start = ((length - size) * place).round().long()
        cut[name] = mask & _between(mask, start, start + size)
    return cut


def by_frames(masks: Masks, frames: int, place: Tensor) -> Masks:
    """Published: `frames` steps from one index in all modalities, so far as the longest of the clip allows."""
    longest = torch.stack([lengths(mask) for mask in masks.values()]).amax(dim=0)
    start = ((longest - frames).clamp(min=0) * place).round().long()
    cut = {name: mask & _between(mask, start, start + frames) for name, mask in masks.items()}
    # A modality that ends before the window keeps what it has: nothing there is not the same as absent.
    return {name: torch.where(kept.any(dim=1, keepdim=True), kept, masks[name]) for name, kept in cut.items()}


def _between(mask: Tensor, start: Tensor, end: Tensor) -> Tensor:
    steps = torch.arange(mask.shape[1], device=mask.device)
    return (steps >= start[:, None]) & (steps < end[:, None])
