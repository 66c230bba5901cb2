"""Two stages: the transformer, whose experts still say nothing; then experts, gates and answer layer alone."""

from __future__ import annotations

from mien.research.layers.plain import plain_losses
from mien.research.layers.standardise import standardise_all
from mien.research.systems.mosear.card import Config
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """AdamW in both; base_epochs=0 leaves a transformer of random weights under the experts."""
    before = standardise_all if config.standardise else None
    base = Stage(
        "base",
        config.base_epochs,
        (Group(config.rate, ("base.", "head."), config.decay),),
        plain_losses,
        patience=config.patience,
        before=before,
    )
    experts = Stage(
        "experts",
        config.epochs,
        (Group(config.rate, ("experts.", "head."), config.decay),),
        patience=config.patience,
    )
    return Recipe((base, experts), config.batch)
