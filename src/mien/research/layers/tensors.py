"""Products of all modalities: the full outer product (Zadeh et al. 2017) and its low-rank form (Liu et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def with_one(vector: Tensor) -> Tensor:
    """[1; h]: (n, width) -> (n, 1 + width)."""
    return torch.cat([vector.new_ones(len(vector), 1), vector], dim=1)


def tensor_product(vectors: Sequence[Tensor]) -> Tensor:
    """[1; a] x [1; b] x ... flattened, the first vector outermost: (n, (1 + da)(1 + db)...)."""
    product = with_one(vectors[0])
    for vector in vectors[1:]:
        product = (product.unsqueeze(2) * with_one(vector).unsqueeze(1)).flatten(1)
    return product


def low_rank(vectors: Sequence[Tensor], factors: Sequence[Tensor], weights: Tensor, bias: Tensor) -> Tensor:
    """sum_r w_r prod_m [1; h_m] W_m^r + b: factors (rank, 1 + width, outputs), weights (rank,) -> (n, outputs)."""
    return torch.einsum("r,rno->no", weights, rank_products(vectors, factors)) + bias


def rank_products(vectors: Sequence[Tensor], factors: Sequence[Tensor]) -> Tensor:
    """The product over modalities of each rank: (rank, n, outputs)."""
    product = with_one(vectors[0]) @ factors[0]
    for vector, factor in zip(vectors[1:], factors[1:], strict=True):
        product = product * (with_one(vector) @ factor)
    return product


def full_weight(factors: Sequence[Tensor], weights: Tensor) -> Tensor:
    """The weight of a layer on `tensor_product` that does what `low_rank` does: (outputs, (1 + da)(1 + db)...)."""
    product = factors[0]
    for factor in factors[1:]:
        product = (product.unsqueeze(2) * factor.unsqueeze(1)).flatten(1, 2)
    return torch.einsum("r,rko->ok", weights, product)
