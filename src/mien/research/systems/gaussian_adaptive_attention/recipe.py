"""One stage, one optimiser."""

from __future__ import annotations

from mien.research.systems.gaussian_adaptive_attention.card import Config
from mien.research.training.recipe import Recipe, one_stage


def recipe(config: Config) -> Recipe:
    """AdamW, as in the speech experiments, whose plateau is that of the session they report; ours is held out."""
    return one_stage(config, plateau=(0.1, config.plateau) if config.plateau else None)
