"""The loss of the fusion, and that of the branches, which learn first and each for itself."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.ras_compound.card import Config, Loss
from mien.research.systems.ras_compound.model import RasCompound


def fusion_loss(
    fused: Tensor, target: Tensor, weights: Tensor, *, kind: Loss = "nll", normalise: bool = True
) -> Tensor:
    """Weighted mean of -log p over fused (n, classes) probabilities, clamped at 1e-12; weights (classes,).

    normalise: rows are made to sum to 1 first; kind "official": cross-entropy with the probabilities as logits.
    """
    if kind == "official":
        told = fused.log_softmax(dim=1)
    else:
        told = fused.clamp(min=1e-12).log()
        told = told.log_softmax(dim=1) if normalise else told
    each = functional.nll_loss(told, target, reduction="none")
    return (each * weights[target]).sum() / weights[target].sum().clamp(min=1e-12)


def losses(model: RasCompound, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`, over the samples that have a modality."""
    there = output.extras["present"].any(dim=1)
    if not there.any():
        return {"task": output.scores.sum() * 0}
    if model.task != "class":
        return {"task": task_loss(output.scores[there], batch.target[there], model.task)}
    fused, target = output.extras["fused"][there], batch.target[there]
    return {"task": fusion_loss(fused, target, model.class_weights, kind=config.loss)}


def branch_losses(model: nn.Module, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """One term a modality, over the samples that have it."""
    assert isinstance(model, RasCompound)
    terms = {}
    for name, there in batch.present.items():
        if name not in model.branches:
            continue
        scores = output.extras[f"alone/{name}"]
        if not there.any():
            terms[name] = scores.sum() * 0
        elif model.task == "class":
            told = scores[there].softmax(dim=1)
            terms[name] = fusion_loss(told, batch.target[there], model.class_weights, normalise=False)
        else:
            terms[name] = task_loss(scores[there], batch.target[there], model.task)
    return terms


@torch.no_grad()
def weigh_classes(model: nn.Module, batches: Iterable[Batch]) -> None:
    """Weights n / (classes n_c) from the training part, 0 for a class without samples; made for `Stage.before`."""
    assert isinstance(model, RasCompound)
    if model.task != "class":
        return
    counts = torch.zeros(len(model.class_weights))
    for batch in batches:
        counts += torch.bincount(batch.target.cpu(), minlength=len(counts))
    weights = counts.sum() / (counts.clamp(min=1) * (counts > 0).sum().clamp(min=1))
    model.class_weights.copy_(weights * (counts > 0))
