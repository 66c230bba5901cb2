"""One stage, one optimiser."""

from __future__ import annotations

from mien.research.layers.standardise import standardise_all
from mien.research.systems.gaussian_adaptive_attention.card import Config
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """AdamW, as in the speech experiments, whose plateau is that of the session they report; ours is held out."""
    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay),),
        patience=config.patience,
        plateau=(0.1, config.plateau) if config.plateau else None,
        before=standardise_all if config.standardise else None,
    )
    return Recipe((stage,), config.batch)
