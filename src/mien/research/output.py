"""What every system's model returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """scores: (n, outputs): logits of classes or labels, or the values themselves; hidden: (n, width) of the last layer
    or None; extras: what a system's losses or a person's plots need, by name."""

    scores: Tensor
    hidden: Tensor | None = None
    extras: Mapping[str, Tensor] = field(default_factory=dict)

    @classmethod
    def none(cls) -> Output:
        """What losses get that make passes of their own (`Stage.output`)."""
        return cls(torch.zeros(0))
