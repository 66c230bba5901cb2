"""One stage, one optimiser."""

from __future__ import annotations

from mien.research.layers.standardise import standardise_all
from mien.research.systems.gaussian_adaptive_attention.card import Config
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """AdamW, as in the speech experiments; their rate falls on a plateau of the reported session, ours stays."""
    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay),),
        patience=config.patience,
        before=standardise_all if config.standardise else None,
    )
    return Recipe((stage,), config.batch)
