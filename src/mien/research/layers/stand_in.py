"""What stands where a modality is absent."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

KEPT = 0.9
"""Share of the running mean that stays at each training step."""


class StandIn(nn.Module):
    """The running mean of the modality's vectors over training samples that have it, plus a learned vector.

    The baselines' policy for absence: the fusion always gets a vector of the usual width and place, and never one made
    of data that is not there. The learned part is 0 until training meets a sample without the modality, so that a
    system which never saw an absence then works with the average sample.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.vectors = nn.ParameterDict({name: nn.Parameter(torch.zeros(width)) for name, width in widths.items()})
        for name, width in widths.items():
            self.register_buffer(f"mean_{name}", torch.zeros(width))
            self.register_buffer(f"seen_{name}", torch.zeros((), dtype=torch.bool))

    def forward(self, values: Tensor, present: Tensor, name: str) -> Tensor:
        """values (n, width) where present (n,) bool, else what stands for that modality."""
        if self.training:
            self._follow(values.detach(), present, name)
        stand_in = self.get_buffer(f"mean_{name}") + self.vectors[name]
        return torch.where(present.unsqueeze(-1), values, stand_in.to(values.dtype))

    @torch.no_grad()
    def _follow(self, values: Tensor, present: Tensor, name: str) -> None:
        rows = values[present].float()
        if len(rows):
            mean, seen, new = self.get_buffer(f"mean_{name}"), self.get_buffer(f"seen_{name}"), rows.mean(dim=0)
            mean.copy_(torch.where(seen, KEPT * mean + (1 - KEPT) * new, new))
            seen.fill_(True)
