"""Pre-training without labels, then the probe; or both at once, as published."""

from __future__ import annotations

from collections.abc import Callable

from mien.research.layers.probe import freeze, thaw
from mien.research.systems.pairwise_contrastive.card import Config
from mien.research.systems.pairwise_contrastive.losses import contrast, joint
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Pre-training stops on the held-out contrast; the probe (and fine-tuning) on the selection of the run."""
    options = {"momentum": 0.9} if config.optimiser == "sgd" else {}

    def group(rate: float, *prefixes: str) -> Group:
        return Group(rate, prefixes, config.decay, config.optimiser, options)

    schedule = _steps(config.decay_every, config.pretraining) if config.decay_every else None
    encoders = group(config.rate, "encoders", "projectors")
    probes = group(config.probe_rate, "probe")
    if config.tuning == "joint":
        stage = Stage(
            "joint", config.pretraining, (encoders, probes), losses=joint, patience=config.patience,
            before=thaw(config.standardise), schedule=schedule,
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


def _steps(every: int, epochs: int) -> Callable[[float], float]:
    """0.9 for each `every` epochs that are done."""
    return lambda share: float(0.9 ** (int(share * epochs) // every))
