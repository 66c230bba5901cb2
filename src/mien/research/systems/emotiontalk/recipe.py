"""One stage, Adam."""

from __future__ import annotations

from mien.research.systems.emotiontalk.card import Config
from mien.research.training.recipe import Recipe, one_stage


def recipe(config: Config) -> Recipe:
    """Adam with a weight decay of 1e-5, batches of 32, up to 100 epochs; the best epoch of the validation part."""
    return one_stage(config, kind="adam", clip_value=config.clip_value or None)
