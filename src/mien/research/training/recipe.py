"""How a system is trained: stages one after another, each with its optimisers, epochs and what it minimises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.standardise import standardise_all
from mien.research.output import Output

Losses = Callable[[nn.Module, Batch, Output, Any], dict[str, Tensor]]


@dataclass(frozen=True, slots=True)
class Group:
    """Parameters whose names start with one of `prefixes` (() for all that no other group took), and their settings.

    rate; decay; kind: "adamw", "adam", "sgd", "rmsprop" or "adagrad"; options: further arguments of torch's optimiser;
    exempt: ends of the names of parameters that the decay leaves alone.
    """

    rate: float
    prefixes: tuple[str, ...] = ()
    decay: float = 0.0
    kind: str = "adamw"
    options: Mapping[str, Any] = field(default_factory=dict)
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of training.

    epochs; groups: each becomes one optimiser; losses: what is minimised here, None for the system's own; patience:
    epochs without a better validation score after which it stops, None for never; clip: largest gradient norm;
    before: called with (model, training batches) once before the first epoch (class means, closed-form solutions);
    after: likewise after the last, or after the best is put back; fresh: called before each epoch; stepped: called
    after each step (teachers that follow their pupil); schedule: share of the stage that is done, in [0, 1], to the
    factor on every rate; plateau: (factor, epochs): all rates are multiplied by the factor after each so many epochs
    without a better validation score; clip_value: largest absolute value of each gradient; refit: called with (model,
    training batches, epoch) before each epoch (closed-form parts that follow the features); tuned: called with (model,
    validation batches) at the very end, where there are any (temperatures); order: (feed, batch size, generator) to
    the rows of each batch of an epoch; select: False to end on the last epoch whatever the validation score; then:
    losses of a second step on the same batch and on the first pass's output, to whose gradients those of the first step
    are added (a published quirk); summed: losses of so many batches are added up in a step, and those left at the end
    of an epoch thrown away (likewise); labels: False where neither losses nor hooks read a label, so that samples
    without one take part (`Settings.labelled`); output: False where `losses` make passes of their own: the model's
    answer is not computed for them then (they get `Output.none()`).
    What hooks make is kept in buffers of the model, else a run that goes on after a stop would not have it.
    """

    name: str
    epochs: int
    groups: tuple[Group, ...]
    losses: Losses | None = None
    patience: int | None = None
    clip: float | None = None
    before: Callable[[nn.Module, Any], None] | None = None
    after: Callable[[nn.Module, Any], None] | None = None
    fresh: Callable[[nn.Module, int], None] | None = None
    stepped: Callable[[nn.Module, int], None] | None = None
    schedule: Callable[[float], float] | None = None
    plateau: tuple[float, int] | None = None
    clip_value: float | None = None
    refit: Callable[[nn.Module, Any, int], None] | None = None
    tuned: Callable[[nn.Module, Any], None] | None = None
    order: Callable[[Any, int, Any], list[tuple[int, ...]]] | None = None
    select: bool = True
    then: Losses | None = None
    summed: int = 1
    labels: bool = True
    output: bool = True


@dataclass(frozen=True, slots=True)
class Recipe:
    """Stages in order, and the samples (dialogues for a dialogue system) of one step."""

    stages: tuple[Stage, ...]
    batch: int = 32


def one_stage(config: Any, *, kind: str = "", **more: Any) -> Recipe:
    """The recipe of most systems: one stage, one optimiser, features standardised before the first epoch.

    config: has rate, decay, epochs, patience, batch and standardise, and may have shuffle; kind: of the optimiser, else
    `config.optimiser` where there is a choice, else AdamW; more: further settings of the stage.
    """
    group = Group(config.rate, decay=config.decay, kind=kind or getattr(config, "optimiser", "adamw"))
    before = standardise_all if config.standardise else None
    if not getattr(config, "shuffle", True):
        more = {"order": in_order, **more}
    stage = Stage("train", config.epochs, (group,), patience=config.patience, before=before, **more)
    return Recipe((stage,), config.batch)


def in_order(feed: Any, size: int, rng: Any) -> list[tuple[int, ...]]:
    """The rows of each batch as the data has them (`Stage.order`)."""
    found: list[tuple[int, ...]] = feed.order(size)
    return found
