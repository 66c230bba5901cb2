"""One stage, Adam."""

from __future__ import annotations

from mien.research.layers.standardise import standardise_all
from mien.research.systems.emotiontalk.card import Config
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Adam with a weight decay of 1e-5, batches of 32, up to 100 epochs; the best epoch of the validation part."""
    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay, kind="adam"),),
        patience=config.patience,
        before=standardise_all if config.standardise else None,
        clip_value=config.clip_value or None,
    )
    return Recipe((stage,), config.batch)
