"""One stage, one optimiser; gradients are clipped by value."""

from __future__ import annotations

from mien.research.systems.misa.card import Config
from mien.research.training.recipe import Recipe, one_stage


def recipe(config: Config) -> Recipe:
    """Features are standardised before the first epoch."""
    return one_stage(config, clip_value=config.clip_value, summed=config.summed)
