"""What stands where a modality is absent."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class StandIn(nn.Module):
    """One learned vector a modality; 0 until training meets a sample without that modality.

    The baselines' policy for absence: the fusion always gets a vector of the usual width, and never one made of data
    that is not there.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.vectors = nn.ParameterDict({name: nn.Parameter(torch.zeros(width)) for name, width in widths.items()})

    def forward(self, values: Tensor, present: Tensor, name: str) -> Tensor:
        """values (n, width) where present (n,) bool, else the vector of that modality."""
        return torch.where(present.unsqueeze(-1), values, self.vectors[name].to(values.dtype))
