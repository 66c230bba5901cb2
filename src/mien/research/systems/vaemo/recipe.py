"""Three stages: hidden tokens and contrast; descriptions, where there are any; labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.standardise import standardise_all
from mien.research.systems.vaemo.captions import embeddings, read_captions
from mien.research.systems.vaemo.card import Config
from mien.research.systems.vaemo.losses import check_speakers, described, unlabelled
from mien.research.systems.vaemo.model import Vaemo
from mien.research.training.feed import Feed, Rows
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """RequestError where a batch has no room for a negative."""
    if config.batch < 2 and (config.pretrain_epochs or config.descriptions):
        raise RequestError("vaemo: a contrast needs batch=2 at least; a clip alone has no negatives")
    order = one_per_speaker if config.one_speaker else None
    everything = (Group(config.rate, decay=config.decay),)
    stages = []
    if config.pretrain_epochs:
        stages.append(
            Stage(
                "unlabelled", config.pretrain_epochs, everything, unlabelled, patience=config.patience, order=order,  # type: ignore[arg-type]
                labels=False, output=False,
            )
        )  # fmt: skip
    if config.descriptions and config.describe_epochs:
        stages.append(
            Stage(
                "described", config.describe_epochs, everything, described, order=order, select=False,  # type: ignore[arg-type]
                labels=False, output=False,
                before=lambda model, batches: describe(model, batches, config),  # type: ignore[arg-type]
                after=forget_captions,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    weigh = weigh_classes if config.balanced else None
    stages.append(Stage("labels", config.epochs, _groups(config), patience=config.patience, before=weigh))  # type: ignore[arg-type]
    first = stages[0]
    if config.standardise:
        stages[0] = _with_standard(first)
    return Recipe(tuple(stages), config.batch)


def _with_standard(stage: Stage) -> Stage:
    then = stage.before

    def before(model: nn.Module, batches: Iterable[Batch]) -> None:
        standardise_all(model, batches)
        if then:
            then(model, batches)

    return replace(stage, before=before)


def _groups(config: Config) -> tuple[Group, ...]:
    """The answer layer alone, all at one rate, or each layer slower the further it is from the answer."""
    if config.probe:
        return (Group(config.rate, ("head.",), config.decay),)
    if config.layer_decay == 1:
        return (Group(config.rate, decay=config.decay),)
    layers = [
        Group(config.rate * config.layer_decay ** (config.layers - at), (f"encoder.layers.{at}.",), config.decay)
        for at in range(config.layers)
    ]
    entry = Group(config.rate * config.layer_decay ** (config.layers + 1), ("project.", "kinds."), config.decay)
    return (entry, *layers, Group(config.rate, decay=config.decay))


def weigh_classes(model: Vaemo, batches: Iterable[Batch]) -> None:
    """The classes' weights from the training part."""
    if model.weigh is not None:
        model.weigh.fit(batches)


def describe(model: Vaemo, batches: Iterable[Batch], config: Config) -> None:
    """Put the embeddings of the training clips' descriptions into the model; those of other clips are not looked at."""
    ids: dict[int, str] = {}
    for batch in batches:
        ids |= dict(zip(batch.index.tolist(), batch.ids, strict=True))
    captions = read_captions(config.descriptions, one_prompt=config.one_prompt)
    names = [ids.get(place, "") for place in range(max(ids) + 1)]
    rows = embeddings(captions, names, config.text_width, config.descriptions)
    model.captions = torch.from_numpy(rows).to(model.get_buffer("captions").device)


def forget_captions(model: Vaemo, batches: Iterable[Batch]) -> None:
    """The descriptions are no part of the trained model."""
    model.captions = model.get_buffer("captions")[:0].clone()


def one_per_speaker(feed: Feed, size: int, rng: np.random.Generator) -> list[Rows]:
    """Batches of `size` clips at most, each of another speaker; a clip of an unknown speaker counts as one of its own.

    Every clip comes once an epoch. Speakers with most clips left go first, so that few batches are left small.
    RequestError for batches of one, DataError where all clips are of one speaker.
    """
    speakers = feed.speakers.cpu()
    if size < 2:
        raise RequestError(f"vaemo: a contrast needs batches of 2 at least, got {size}")
    check_speakers(speakers)
    left: dict[int, list[int]] = {}
    for row in rng.permutation(len(speakers)).tolist():
        who = int(speakers[row])
        left.setdefault(who if who >= 0 else -1 - row, []).append(row)
    if len(left) == len(speakers):
        return feed.order(size, rng)
    batches: list[Rows] = []
    names = list(left)
    while names:
        chosen = sorted(names, key=lambda who: -len(left[who]))[:size]
        batches.append(tuple(left[who].pop() for who in chosen))
        names = [who for who in rng.permutation(names).tolist() if left[who]]
    return [batches[place] for place in rng.permutation(len(batches)).tolist()]
