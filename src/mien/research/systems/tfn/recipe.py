"""One stage, one optimiser."""

from __future__ import annotations

from mien.research.layers.standardise import standardise_all
from mien.research.systems.tfn.card import Config
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Features are standardised before the first epoch."""
    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay, kind=config.optimiser),),
        patience=config.patience,
        before=standardise_all if config.standardise else None,
    )
    return Recipe((stage,), config.batch)
