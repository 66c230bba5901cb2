"""Which clip stands in which row of a released batch: every modality is sorted by its own lengths."""

from __future__ import annotations

import torch
from torch import Tensor


def released_order(lengths: Tensor) -> Tensor:
    """Items by length, longest first, equal ones as they came: (n,) -> (n,) (MDPE @121524d, collate_fn)."""
    return torch.argsort(lengths, descending=True, stable=True)


def released_rows(lengths: list[Tensor]) -> list[Tensor]:
    """The item of each modality that shares a row with item i of the first modality: one (n,) for each in `lengths`.

    The first is always 0, 1, 2, ...: the label of a row is that of its first modality.
    """
    orders = [released_order(one) for one in lengths]
    back = torch.argsort(orders[0])
    return [order[back] for order in orders]


def unsorted_rows(lengths: Tensor) -> Tensor:
    """The item whose personality and emotion share a row with item i of the first modality: those are never sorted."""
    return torch.argsort(released_order(lengths))
