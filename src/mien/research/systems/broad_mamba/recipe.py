"""One stage: Adam, a ridge refitted before each epoch, temperatures from the validation part at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.mamba import NO_DECAY
from mien.research.layers.standardise import standardise_all
from mien.research.layers.task import task_loss
from mien.research.samples import Task
from mien.research.systems.broad_mamba.card import Config
from mien.research.systems.broad_mamba.model import BroadMamba
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """A_log and D are spared by the decay, as in the code of Mamba."""

    def before(model: BroadMamba, batches: Iterable[Batch]) -> None:
        if config.standardise:
            standardise_all(model, batches)
        if model.weigh is not None:
            model.weigh.fit(batches)

    def refit(model: BroadMamba, batches: Iterable[Batch], epoch: int) -> None:
        if epoch >= config.warm:
            model.refit(batches)

    stage = Stage(
        "train",
        config.epochs,
        (Group(config.rate, decay=config.decay, kind="adam", exempt=NO_DECAY),),
        patience=config.patience,
        before=before,  # type: ignore[arg-type]
        refit=refit if config.bls == "closed_form" else None,  # type: ignore[arg-type]
        tuned=calibrate if config.calibrate else None,  # type: ignore[arg-type]
    )
    return Recipe((stage,), config.batch)


@torch.no_grad()
def calibrate(model: BroadMamba, batches: Iterable[Batch]) -> None:
    """Set each modality's temperature to that of the smallest loss on these (validation) batches.

    Only the fusion weights feel it: certainty of an over-confident modality would else count for more than it is worth.
    """
    rows: dict[str, list[tuple[Tensor, Tensor]]] = {name: [] for name in model.names}
    for batch in batches:
        output = model(batch)
        for name, there in batch.present.items():
            if name in rows:
                rows[name].append((output.extras[f"alone/{name}"][there], batch.target[there]))
    for place, found in enumerate(rows.values()):
        scores, target = (torch.cat(parts) for parts in zip(*found, strict=True))
        if len(scores):
            model.get_buffer("temperatures")[place] = temperature(scores, target, model.task)


def temperature(scores: Tensor, target: Tensor, task: Task, *, tried: Sequence[float] = ()) -> float:
    """The temperature in [1/8, 8] (or of those `tried`) by which scores must be divided for the smallest loss."""
    heats = tried or torch.logspace(-3, 3, 121, base=2.0).tolist()
    return min(heats, key=lambda heat: float(task_loss(scores / heat, target, task)))
