"""One stage, Adam."""

from __future__ import annotations

from mien.research.systems.mdpe.card import Config
from mien.research.training.recipe import Recipe, one_stage


def recipe(config: Config) -> Recipe:
    """Adam at 1e-4, batches of 64, up to 300 epochs."""
    return one_stage(config, kind="adam")
