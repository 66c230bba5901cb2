"""Branches first, then the fusion on what they answer."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from mien.research.batch import Batch
from mien.research.layers.standardise import standardise_all
from mien.research.systems.ras_compound.card import Config
from mien.research.systems.ras_compound.losses import branch_losses, weigh_classes
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Two stages; one where the answers are given, or where the fusion has nothing to learn ("mean")."""

    def begin(model: nn.Module, batches: Iterable[Batch]) -> None:
        if config.standardise:
            standardise_all(model, batches)
        if config.balanced:
            weigh_classes(model, batches)

    def freeze(model: nn.Module, batches: Iterable[Batch]) -> None:
        if config.branch == "given":
            begin(model, batches)
        model.get_buffer("frozen").copy_(torch.tensor(True))

    branches = Stage(
        "branches", config.branch_epochs, (Group(config.branch_rate, ("branches",), config.branch_decay),),
        branch_losses, config.patience, before=begin,
    )  # fmt: skip
    fusion = Stage(
        "fusion", config.epochs, (Group(config.rate, ("fuse",), kind="adam"),), patience=config.patience,
        before=freeze, plateau=(0.5, config.plateau) if config.plateau else None,
    )  # fmt: skip
    stages = (branches,) if config.branch != "given" else ()
    return Recipe((*stages, fusion) if config.fuse != "mean" else stages, config.batch)
