"""Multi-head attention that reads real steps only."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """Scaled dot-product attention of several heads (Vaswani et al. 2017); Xavier weights, biases of 0."""

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        for layer in (self.query, self.key, self.value, self.out):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, queries: Tensor, keys: Tensor, mask: Tensor, allowed: Tensor | None = None) -> Tensor:
        """queries (n, q, width), keys (n, k, width), mask (n, k) bool: real keys, allowed (q, k) bool -> (n, q, width).

        A query that may read no key gets exactly 0.
        """
        may = mask.unsqueeze(1).expand(-1, queries.shape[1], -1)
        if allowed is not None:
            may = may & allowed
        some = may.any(dim=-1, keepdim=True)
        dropout = self.dropout if self.training else 0.0
        found = functional.scaled_dot_product_attention(
            self._split(self.query(queries)), self._split(self.key(keys)), self._split(self.value(keys)),
            attn_mask=(may | ~some).unsqueeze(1), dropout_p=dropout,
        )  # fmt: skip
        mixed = self.out(found.transpose(1, 2).flatten(2))
        return torch.where(some, mixed, mixed.new_zeros(()))

    def _split(self, values: Tensor) -> Tensor:
        return values.view(*values.shape[:2], self.heads, -1).transpose(1, 2)
