"""One stage, one optimiser; gradients are clipped by norm."""

from __future__ import annotations

from torch import nn

from mien.research.layers.standardise import standardise_all
from mien.research.systems.mmim.card import Config
from mien.research.systems.mmim.model import Mmim
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """What is remembered of a batch is forgotten with its epoch."""
    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay, kind=config.optimiser),),
        patience=config.patience,
        clip=config.clip,
        before=standardise_all if config.standardise else None,
        fresh=_forget,
        after=_forget,
    )
    return Recipe((stage,), config.batch)


def _forget(model: nn.Module, _: object) -> None:
    assert isinstance(model, Mmim)
    model.forget()
