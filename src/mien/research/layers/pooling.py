"""Means over what is really there."""

from __future__ import annotations

import torch
from torch import Tensor


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean over the real steps: values (n, time, width), mask (n, time) bool -> (n, width); 0 where no step is real.

    What stands under the mask is never read, not even NaN.
    """
    kept = torch.where(mask.unsqueeze(-1), values, values.new_zeros(()))
    return kept.sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1).to(values.dtype)
