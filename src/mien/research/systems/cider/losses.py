"""MSSD: the complete view teaches the incomplete one. Source: gw-zhong/CIDer @2f86cbe, src/train.py."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.cider.card import Config
from mien.research.systems.cider.model import TEXT, Cider

DISTANCES = {"smooth_l1": functional.smooth_l1_loss, "l1": functional.l1_loss, "mse": functional.mse_loss}


def losses(model: Cider, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The terms of both views, in one step; with `carry_gradient` the incomplete view has a step of its own."""
    terms = {"complete": task_loss(output.extras["log_p"], batch.target, "class")}
    return terms if config.carry_gradient else terms | incomplete(model, batch, output, config)


def incomplete(model: nn.Module, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The terms of a view with gaps; whatever it is held against comes from the complete view, detached."""
    assert isinstance(model, Cider)
    kept = views(batch, config, training=model.training)
    gaps = batch.keep({name: kept[name] for name in model.names})
    found = model.view(gaps, model.words(batch))
    assert output.hidden is not None and found.hidden is not None
    keys = None if model.fixed else output.extras["keys"]
    distance = attention_divergence(output.extras["attention"], found.extras["attention"], keys)
    told = [
        reconstruction(model.decode(name, found, mask), *_hidden(model, batch, gaps, name), config.distance)
        for name, mask in batch.masks.items()
        if name in model.names
    ]
    return {
        "incomplete": task_loss(found.scores, batch.target, "class"),
        "representation": config.representation * unlikeness(output.hidden, found.hidden),
        "attention": config.attention * distance,
        "reconstruction": config.reconstruction * torch.stack(told).sum(),
    }


def unlikeness(complete: Tensor, gaps: Tensor) -> Tensor:
    """1 - mean cosine of the two representations (n, width); the complete one is detached."""
    return 1 - functional.cosine_similarity(gaps, complete.detach(), dim=-1).mean()


def attention_divergence(complete: Tensor, gaps: Tensor, keys: Tensor | None = None) -> Tensor:
    """KL(softmax complete || softmax gaps), summed over all rows, divided by the number of maps.

    complete (detached), gaps: (..., time, time) raw scores; keys: (n, time) bool, rows and columns that count.
    """
    maps = complete[..., 0, 0].numel()
    one, other = complete.detach().float(), gaps.float()
    if keys is not None:
        one, other = (scores.masked_fill(~keys[:, None, None], -1e9) for scores in (one, other))
    log_p = one.log_softmax(dim=-1)
    terms = log_p.exp() * (log_p - other.log_softmax(dim=-1))
    if keys is not None:
        terms = terms * (keys[:, None, None] & keys[:, None, :, None])
    return terms.sum() / maps


def reconstruction(told: Tensor, truth: Tensor, removed: Tensor, distance: str = "smooth_l1") -> Tensor:
    """Distance summed over the removed steps / (their number times width + 1e-6); 0 where none was removed.

    told, truth: (n, time, width); removed: (n, time) bool.
    """
    weight = removed.unsqueeze(-1).to(told.dtype)
    total = DISTANCES[distance](told * weight, truth.detach() * weight, reduction="sum")
    return total / (weight.sum() * told.shape[-1] + 1e-6)


def _hidden(model: Cider, batch: Batch, gaps: Batch, name: str) -> tuple[Tensor, Tensor]:
    """The standardised features, and the steps that the complete view has and the other has not."""
    mask = batch.masks[name]
    truth = model.standard(torch.where(mask.unsqueeze(-1), batch.inputs[name], 0.0), name)
    return truth, mask & ~gaps.masks[name]


def views(batch: Batch, config: Config, *, training: bool) -> dict[str, Tensor]:
    """Modality -> (n, time) bool: what the incomplete view keeps.

    Training draws anew from torch's generator: one rate for each sample and modality (`rate_per` "position": for each
    step). Outside training the draws follow from each sample's id, so that a loss can be compared over epochs.
    """
    kept = _drawn(batch, config) if training else _by_id(batch)
    if config.marks and TEXT in kept:
        mask = batch.masks[TEXT]
        steps = torch.arange(1, mask.shape[1] + 1, device=mask.device)
        last = (mask * steps).amax(dim=1, keepdim=True)
        kept[TEXT] = kept[TEXT] | (steps == 1) | (steps == last)
    return kept


def _drawn(batch: Batch, config: Config) -> dict[str, Tensor]:
    kept = {}
    for name, mask in batch.masks.items():
        rates = mask.shape if config.rate_per == "position" else (len(mask), 1)
        limit = torch.rand(rates, device=mask.device)
        kept[name] = torch.rand(mask.shape, device=mask.device) > limit
    return kept


def _by_id(batch: Batch) -> dict[str, Tensor]:
    generators: Mapping[str, np.random.Generator] = {
        name: np.random.default_rng([1111, zlib.crc32(name.encode())]) for name in batch.ids
    }
    kept = {}
    for name, mask in batch.masks.items():
        rows = np.zeros(mask.shape, bool)
        for place, (sample, count) in enumerate(zip(batch.ids, mask.sum(dim=1).tolist(), strict=True)):
            rate = generators[sample].random()
            rows[place, mask[place].cpu().numpy()] = generators[sample].random(count) > rate
        kept[name] = torch.from_numpy(rows).to(mask.device)
    return kept
