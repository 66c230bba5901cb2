"""One stage. Before it: features standardised, class means and shares of the training part. After it: tau."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.systems.cider.card import Config
from mien.research.systems.cider.counterfactual import choose_tau
from mien.research.systems.cider.losses import incomplete
from mien.research.systems.cider.model import COUNTERFACTUAL, Cider
from mien.research.training.recipe import Group, Recipe, Stage


def recipe(config: Config) -> Recipe:
    """Adam, as published."""
    stage = Stage(
        "train", config.epochs, (Group(config.rate, decay=config.decay, kind="adam"),), patience=config.patience,
        before=prepare, tuned=fit_tau, then=incomplete if config.carry_gradient else None,
    )  # fmt: skip
    return Recipe((stage,), config.batch)


@torch.no_grad()
def prepare(model: nn.Module, batches: Iterable[Batch]) -> None:
    """Features standardised where the config says so, then the mean of every class's utterance features."""
    assert isinstance(model, Cider)
    if model.config.standardise:
        model.standard.fit(batches)
    classes, width = model.head.means.shape
    sums = model.head.means.new_zeros(classes, width)
    counts, sizes = sums.clone(), model.head.priors.new_zeros(classes)
    for batch in batches:
        means, there = [], []
        for name in model.names:
            mask = batch.masks[name]
            values = model.standard(torch.where(mask.unsqueeze(-1), batch.inputs[name], 0.0), name)
            means.append(masked_mean(values, mask))
            there.append(mask.any(dim=1, keepdim=True).expand(-1, values.shape[-1]))
        present = torch.cat(there, dim=1).to(sums.dtype)
        sums.index_add_(0, batch.target, torch.cat(means, dim=1) * present)
        counts.index_add_(0, batch.target, present)
        sizes.index_add_(0, batch.target, torch.ones_like(batch.target, dtype=sizes.dtype))
    model.head.fit(sums, counts, sizes)


@torch.no_grad()
def fit_tau(model: nn.Module, batches: Iterable[Batch]) -> None:
    """tau of the best accuracy on validation batches that have the counterfactual text; the model keeps it."""
    assert isinstance(model, Cider)
    model.eval()
    found = []
    for batch in batches:
        if COUNTERFACTUAL in batch.inputs:
            log_p, log_p_cf, both = model.factual_and_counterfactual(batch, model.view(batch))
            found.append((log_p.cpu(), torch.where(both, log_p_cf, 0.0).cpu(), batch.target.cpu()))
    if found and model.config.tau == "validation":
        answers, counterfactual, truth = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
        model.tau.fill_(choose_tau(answers, counterfactual, truth, lambda t, s: float((s.argmax(axis=1) == t).mean())))
