"""The contrast of pairs (no label is read), and the plain loss of the probe."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.pairwise_contrastive.card import Config
from mien.research.systems.pairwise_contrastive.contrast import pair_losses
from mien.research.systems.pairwise_contrastive.model import PairwiseContrastive


def contrast(model: nn.Module, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `contrast`: the mean over the ordered pairs that have clips; 0 where none has."""
    assert isinstance(model, PairwiseContrastive)
    projections = {name: output.extras[f"projection/{name}"] for name in model.projectors}
    if config.supervised and model.task != "class":
        raise RequestError(f"the supervised contrast takes classes, not {model.task!r}")
    found = pair_losses(
        projections,
        batch.present,
        positives=config.positives,
        pairs=config.pairs,
        temperature=config.temperature,
        base_temperature=config.base_temperature,
        labels=batch.target if config.supervised else None,
        groups=batch.groups if config.spare_group else None,
    )
    if not found:
        return {"contrast": torch.stack([values.sum() for values in projections.values()]).sum() * 0}
    return {"contrast": torch.stack(list(found.values())).mean()}


def losses(model: PairwiseContrastive, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """`task`: the probe on all modalities, on both views where there are two; `task/NAME`: the probes of one."""
    terms = {"task": _task(model, output.scores, batch.target, config)}
    if model.training and "scores_other" in output.extras:
        terms["task"] = (terms["task"] + _task(model, output.extras["scores_other"], batch.target, config)) / 2
    for name in model.probes:
        here = batch.present[name]
        if here.any():
            terms[f"task/{name}"] = _task(model, output.extras[f"scores/{name}"][here], batch.target[here], config)
    return terms


def joint(model: nn.Module, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """Contrast and probe in one stage, as published; the probe sends nothing back into the encoders."""
    assert isinstance(model, PairwiseContrastive)
    return contrast(model, batch, output, config) | losses(model, batch, output, config)


def _task(model: PairwiseContrastive, scores: Tensor, target: Tensor, config: Config) -> Tensor:
    if model.task == "labels" and config.positive_weights:
        weights = scores.new_tensor(config.positive_weights)
        if len(weights) != scores.shape[1]:
            raise RequestError(f"positive_weights: {len(weights)} numbers for {scores.shape[1]} labels")
        return functional.binary_cross_entropy_with_logits(scores, target, pos_weight=weights)
    return task_loss(scores, target, model.task)
