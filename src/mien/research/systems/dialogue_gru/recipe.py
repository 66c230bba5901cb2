"""One stage, one optimiser; gradients are clipped, since they pass through many turns."""

from __future__ import annotations

from mien.research.systems.dialogue_gru.card import Config
from mien.research.training.recipe import Recipe, one_stage


def recipe(config: Config) -> Recipe:
    """Features are standardised before the first epoch."""
    return one_stage(config, clip=5.0)
