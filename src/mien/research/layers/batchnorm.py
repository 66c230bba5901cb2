"""Batch normalisation over the samples that are there."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class PresentBatchNorm(nn.BatchNorm1d):
    """`BatchNorm1d` whose statistics come from present rows; with fewer than two of them (where the usual one fails)
    the running figures stand in, also in training. Rows that are absent come out as 0.
    """

    def forward(self, values: Tensor, present: Tensor | None = None) -> Tensor:
        """values (n, width), present (n,) bool."""
        if present is None:
            present = torch.ones(len(values), dtype=torch.bool, device=values.device)
        values = torch.where(present.unsqueeze(-1), values, values.new_zeros(()))
        if self.training and int(present.sum()) > 1:
            rows = super().forward(values[present])
            return torch.zeros_like(values, dtype=rows.dtype).index_put((present.nonzero(as_tuple=True)[0],), rows)
        found = functional.batch_norm(
            values, self.running_mean, self.running_var, self.weight, self.bias, training=False, eps=self.eps
        )
        return torch.where(present.unsqueeze(-1), found, found.new_zeros(()))
