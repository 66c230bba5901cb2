"""One stage, one optimiser; gradients are clipped by value, the rate falls where nothing gets better."""

from __future__ import annotations

from mien.research.systems.mult.card import Config
from mien.research.training.recipe import Recipe, one_stage


def recipe(config: Config) -> Recipe:
    """Features are standardised before the first epoch."""
    plateau = (0.1, config.plateau) if config.plateau else None
    return one_stage(config, clip_value=config.clip_value, plateau=plateau, summed=config.summed)
