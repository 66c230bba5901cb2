"""One stage, two optimisers: the readers of the modalities, and all else."""

from __future__ import annotations

from torch import nn

from mien.research.layers.standardise import standardise_all
from mien.research.systems.self_mm.card import Config
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Labels are generated from the second epoch on; what is kept of single samples goes at the end."""
    groups = (
        Group(config.rate_read, prefixes=("read.",), decay=config.decay_read, kind=config.optimiser),
        Group(config.rate, decay=config.decay, kind=config.optimiser),
    )
    stage = Stage(
        "train",
        config.epochs,
        groups,
        patience=config.patience,
        before=standardise_all if config.standardise else None,
        summed=config.summed,
        fresh=_count,
        after=_forget,
    )
    return Recipe((stage,), config.batch)


def _count(model: nn.Module, epoch: int) -> None:
    model.tables.epoch.fill_(epoch + 1)  # type: ignore[union-attr, operator]


def _forget(model: nn.Module, _: object) -> None:
    model.tables.forget()  # type: ignore[union-attr, operator]
