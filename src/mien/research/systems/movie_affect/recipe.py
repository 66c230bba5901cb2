"""One stage, plain SGD."""

from __future__ import annotations

from mien.research.systems.movie_affect.card import Config
from mien.research.systems.movie_affect.scaling import fit_scales
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """SGD (published without momentum), batches of 128, up to 200 epochs, 25 without gain on the validation part."""
    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay, kind="sgd", options={"momentum": config.momentum}),),
        patience=config.patience,
        before=fit_scales if config.scaler == "training" else None,
    )
    return Recipe((stage,), config.batch)
