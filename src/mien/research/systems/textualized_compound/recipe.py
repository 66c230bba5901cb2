"""One stage; the published one is SGD whose rate falls by a tenth every 50 epochs."""

from __future__ import annotations

from mien.research.layers.standardise import standardise_all
from mien.research.systems.textualized_compound.card import Config
from mien.research.training.recipe import Group, Recipe, Stage

EVERY, FALL, LEAST = 50, 0.9, 1e-7
"""Epochs between two falls of the rate, what is left of it each time, the lowest rate."""


def recipe(config: Config) -> Recipe:
    """AdamW, or SGD with momentum .9 (Nesterov) and the schedule of the source."""
    sgd = config.optimiser == "sgd"
    options = {"momentum": 0.9, "nesterov": True} if sgd else {}

    def fall(share: float) -> float:
        return max(FALL ** (int(share * config.epochs) // EVERY), LEAST / config.rate)

    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay, kind=config.optimiser, options=options),),
        patience=config.patience,
        before=standardise_all if config.standardise else None,
        schedule=fall if sgd else None,
    )
    return Recipe((stage,), config.batch)
