"""Pre-training without labels, then the probe; or both at once, as published."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional

from mien.errors import RequestError
from mien.research.layers.probe import freeze, thaw
from mien.research.systems.pairwise_contrastive.card import Config
from mien.research.systems.pairwise_contrastive.losses import contrast, joint
from mien.research.training.feed import Batches, Feed, Rows
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Pre-training stops on the held-out contrast; the probe (and fine-tuning) on the selection of the run."""
    options = {"momentum": 0.9} if config.optimiser == "sgd" else {}

    def group(rate: float, *prefixes: str) -> Group:
        return Group(rate, prefixes, config.decay, config.optimiser, options)

    schedule = _steps(config.decay_every, config.pretraining) if config.decay_every else None
    encoders = group(config.rate, "encoders", "projectors")
    probes = group(config.probe_rate, "probe")
    if config.balanced and config.tuning != "joint":
        raise RequestError(f"balanced=true draws clips by their labels: it needs tuning=joint, not {config.tuning}")
    if config.tuning == "joint":
        stage = Stage(
            "joint", config.pretraining, (encoders, probes), losses=joint, patience=config.patience,
            before=thaw(config.standardise), schedule=schedule, order=balanced if config.balanced else None,
        )  # fmt: skip
        return Recipe((stage,), config.batch)
    first = Stage(
        "pretrain", config.pretraining, (encoders,), losses=contrast, patience=config.patience,
        before=thaw(config.standardise), schedule=schedule, labels=config.supervised,
    )  # fmt: skip
    second = Stage("probe", config.epochs, (probes,), patience=config.patience, before=freeze)
    stages = [first, second]
    if config.tuning == "fine":
        every = (group(config.rate, "encoders"), probes)
        stages.append(Stage("fine-tune", config.epochs, every, patience=config.patience, before=thaw(False)))
    return Recipe(tuple(stages), config.batch)


def balanced(feed: Feed, size: int, rng: np.random.Generator) -> list[Rows]:
    """As many clips as there are, drawn with replacement, each by the sum of 1 / count over its labels; to have none
    is a label too (mpuc-mer @1ae3add, get_class_sample_count). RequestError for targets that are values."""
    target = torch.cat([batch.target for batch in Batches(feed, size)]).cpu()
    if target.ndim == 1:
        told = functional.one_hot(target)
    else:
        if not bool(((target == 0) | (target == 1)).all()):
            raise RequestError("balanced=true needs classes or labels, not values; set balanced=false")
        told = target.long()
        told = torch.cat([told, 1 - told.amax(dim=1, keepdim=True)], dim=1)
    weights = (told / told.sum(dim=0).clamp(min=1)).sum(dim=1).double().numpy()
    drawn = rng.choice(len(weights), len(weights), p=weights / weights.sum()).tolist()
    return [tuple(drawn[first : first + size]) for first in range(0, len(drawn), size)]


def _steps(every: int, epochs: int) -> Callable[[float], float]:
    """0.9 for each `every` epochs that are done."""
    return lambda share: float(0.9 ** (int(share * epochs) // every))
