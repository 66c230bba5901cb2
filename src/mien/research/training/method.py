"""A system put together for certain data: all that the trainer knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from mien.research.batch import expect
from mien.research.samples import Shape
from mien.research.training.recipe import Losses, Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """name and version of the system; inputs: "vector", "sequence" or "dialogue"; config: its Config; shape: of the
    data it was built for; model: refuses a batch of another shape; losses: its own; recipe: how it is trained;
    about: title, source and nearness as its card has them, for the model card."""

    name: str
    version: int
    inputs: str
    config: Any
    shape: Shape
    model: nn.Module
    losses: Losses
    recipe: Recipe
    about: str = ""

    def __post_init__(self) -> None:
        self.model.register_forward_pre_hook(lambda _, given: expect(given[0], self.shape))
