"""One stage, Adam."""

from __future__ import annotations

from mien.research.layers.standardise import standardise_all
from mien.research.systems.mdpe.card import Config
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Adam at 1e-4, batches of 64, up to 300 epochs."""
    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay, kind="adam"),),
        patience=config.patience,
        before=standardise_all if config.standardise else None,
    )
    return Recipe((stage,), config.batch)
