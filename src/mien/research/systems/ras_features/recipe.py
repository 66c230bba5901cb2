"""One stage, AdamW, the rate down and up by a cosine."""

from __future__ import annotations

import math
from collections.abc import Iterable

from torch import nn

from mien.research.batch import Batch
from mien.research.layers.standardise import standardise_all
from mien.research.systems.ras_features.card import Config
from mien.research.systems.ras_features.model import RasFeatures
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Features are standardised and classes weighed before the first epoch."""

    def begin(model: nn.Module, batches: Iterable[Batch]) -> None:
        assert isinstance(model, RasFeatures)
        if config.standardise:
            standardise_all(model, batches)
        if config.balanced and model.task == "class":
            model.balance.fit(batches)

    def cosine(done: float) -> float:
        return (1 + math.cos(math.pi * math.floor(done * config.epochs) / config.cycle)) / 2

    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay),),
        patience=config.patience,
        before=begin,
        schedule=cosine if config.cycle else None,
    )
    return Recipe((stage,), config.batch)
