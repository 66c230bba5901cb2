"""task + translation into every target + translation of the first one back into the source."""

from __future__ import annotations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.mctn.card import Config
from mien.research.systems.mctn.model import Mctn


def losses(model: Mctn, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """Terms `task` (mean absolute error of values), `into/NAME` and `back`: mean squared errors, weighted, over the
    real steps of samples that have the source and the target."""
    terms = {"task": task_loss(output.scores, batch.target, model.task)}
    source = batch.present[model.source]
    for place, name in enumerate(model.targets):
        found, truth, real = model.translated(batch, output, name)
        both = source & real.any(dim=1)
        terms[f"into/{name}"] = config.translation * _error(found, truth, real & both.unsqueeze(1))
        if not place:
            again, truth, real = model.back(batch, found, real)
            terms["back"] = config.translation * _error(again, truth, real & both.unsqueeze(1))
    return terms


def _error(found: Tensor, truth: Tensor, real: Tensor) -> Tensor:
    """Mean squared error over real steps and the features of the truth; 0 where there is none."""
    gap = (found[..., : truth.shape[2]] - truth).square().mean(dim=2)
    return (gap * real).sum() / real.sum().clamp(min=1)
