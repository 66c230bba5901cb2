"""Attention reallocation: attention that one modality draws is handed to the other, when a model answers.

Public is that the attention of a frozen backbone is watched and shared out anew where one modality dominates, without
parameters. How much and to whom is Mien's re-construction, as the paper's code could not be obtained.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mien.errors import RequestError

if TYPE_CHECKING:
    from mien.research.systems.mosear.model import Mosear


@dataclass(frozen=True, slots=True)
class Reallocation:
    """Between two modalities. share in [0, 1]: of the way to equal attention (1) that is gone; least: gaps in attention
    up to which nothing moves; per_token: equal for each token, not for each modality as a whole, so that the longer one
    keeps more."""

    first: str
    second: str
    share: float = 0.5
    least: float = 0.1
    per_token: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or self.least < 0 or self.first == self.second:
            raise RequestError("reallocation: two different modalities, share in [0, 1], least 0 or more")


def reallocate(attention: Tensor, first: Tensor, second: Tensor, rule: Reallocation) -> tuple[Tensor, Tensor]:
    """Attention (..., tokens) after the softmax -> the same shared out anew, and what moved to `first` (...,).

    first, second: bool, broadcast to attention: the tokens of each that may be seen. What moves is taken in proportion
    to the weights, and given so (evenly where the receiver has none). Sums of rows, and all other tokens, stay; where a
    modality has no token, so does everything.
    """
    ones, others = first.to(attention), second.to(attention)
    count, other_count = ones.sum(dim=-1), others.sum(dim=-1)
    mass, other_mass = (attention * ones).sum(dim=-1), (attention * others).sum(dim=-1)
    fair = count / (count + other_count).clamp(min=1) if rule.per_token else 0.5
    gap = 2 * ((mass + other_mass) * fair - mass)
    acts = (gap.abs() > rule.least) & (count > 0) & (other_count > 0)
    moved = torch.where(acts, rule.share * gap / 2, gap.new_zeros(()))

    def change(own: Tensor, whole: Tensor, tokens: Tensor, by: Tensor) -> Tensor:
        evenly = own / tokens.clamp(min=1).unsqueeze(-1)
        held = whole.unsqueeze(-1)
        part = torch.where(held > 0, attention * own / torch.where(held > 0, held, 1.0), evenly)
        return part * by.unsqueeze(-1)

    found = attention + change(ones, mass, count, moved) + change(others, other_mass, other_count, -moved)
    return found, moved


@contextmanager
def reallocating(model: Mosear, rule: Reallocation) -> Iterator[Mosear]:
    """The model with its attention reallocated in every layer, head and query while this lasts; afterwards as before.

    RequestError where the model does not read the two modalities.
    """
    if absent := [name for name in (rule.first, rule.second) if name not in model.names]:
        raise RequestError(f"reallocation: the model reads {', '.join(model.names)}, not {', '.join(absent)}")
    before, model.reallocation = model.reallocation, rule
    try:
        yield model
    finally:
        model.reallocation = before
