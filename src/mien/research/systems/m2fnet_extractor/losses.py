"""Triplets of each modality for the extractor, cross-entropy for the layer that answers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.m2fnet.triplets import extractor_terms, triplets
from mien.research.systems.m2fnet_extractor.card import Config
from mien.research.systems.m2fnet_extractor.model import Extractor


def metric_losses(model: nn.Module, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """`triplet`, `covariance`, `variance`, the mean over modalities; 0 where a batch has no triplet.

    One triplet an item, drawn anew in training and always the same elsewhere, so that epochs can be compared.
    """
    assert isinstance(model, Extractor)
    generator = None if model.training else torch.Generator(batch.target.device).manual_seed(0)
    nothing = output.scores.sum() * 0
    sums: dict[str, Tensor] = dict.fromkeys(("triplet", "covariance", "variance"), nothing)
    for name in model.networks:
        here = batch.present[name]
        z = output.extras[f"embedding/{name}"]
        anchor, positive, negative = triplets(batch.target[here], generator)
        if len(anchor):
            terms = extractor_terms(
                *(z[here][rows] for rows in (anchor, positive, negative)),
                margin_grad=config.margin_grad,
                regulariser=config.regulariser,
                normalise=config.normalise,
                hinge=config.hinge,
                eps=config.margin_eps,
                weights=(config.triplet, config.covariance, config.variance),
            )
        else:
            terms = dict.fromkeys(sums, z.sum() * 0)
        sums = {term: sums[term] + terms[term] / len(model.networks) for term in sums}
    return sums


def losses(model: Extractor, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """The one term `task`."""
    return {"task": task_loss(output.scores, batch.target, "class")}
