"""The extractor by triplets, then the answering layer on embeddings that stay as they are."""

from __future__ import annotations

from mien.research.layers.probe import freeze, thaw
from mien.research.systems.m2fnet_extractor.card import Config
from mien.research.systems.m2fnet_extractor.losses import metric_losses
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Adam, as the paper has it; the first stage ends on the held-out triplets, the second on the held-out answers."""
    first = Stage(
        "triplets",
        config.epochs,
        (Group(config.rate, ("networks", "projectors"), config.decay, "adam"),),
        losses=metric_losses,
        patience=config.patience,
        before=thaw(config.standardise),
    )
    head = Group(config.head_rate, ("head",))
    second = Stage("head", config.head_epochs, (head,), patience=config.patience, before=freeze)
    return Recipe((first, second), config.batch)
