"""A probe on frozen features of several modalities, of which some may be absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.standardise import standardise_all


class Probe(nn.Module):
    """One layer, or two, on the features of the modalities that are there.

    The first layer is a sum over modalities; where some are absent the sum of the others is scaled up to the full
    number, which is the concatenation of the source where all are there, and takes nothing for data elsewhere.
    """

    def __init__(self, widths: Mapping[str, int], hidden: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.ModuleDict(
            {name: nn.Linear(width, hidden or outputs, bias=False) for name, width in widths.items()}
        )
        self.bias = nn.Parameter(torch.zeros(hidden or outputs))
        self.last = nn.Sequential(nn.ReLU(), nn.Linear(hidden, outputs)) if hidden else nn.Identity()

    def forward(self, features: Mapping[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        """Scores (n, outputs)."""
        parts, there = [], []
        for name, layer in self.first.items():
            here = present[name].unsqueeze(-1)
            parts.append(torch.where(here, layer(features[name]), self.bias.new_zeros(())))
            there.append(here)
        scale = len(parts) / torch.stack(there).sum(dim=0).clamp(min=1)
        scores: Tensor = self.last(torch.stack(parts).sum(dim=0) * scale + self.bias)
        return scores


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """The module as it answers (no dropout, running statistics) for a while, also within a model that trains."""
    training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(training)


def thaw(standardise: bool) -> Callable[[nn.Module, Any], None]:
    """Before a stage that trains the encoders: `frozen` off, features standardised if asked for."""

    def before(model: nn.Module, batches: Iterable[Batch]) -> None:
        model.get_buffer("frozen").fill_(False)
        if standardise:
            standardise_all(model, batches)

    return before


def freeze(model: nn.Module, batches: Iterable[Batch]) -> None:
    """Before a stage that trains the probe alone: `frozen` on, a buffer, so that a stopped run knows it too."""
    model.get_buffer("frozen").fill_(True)
