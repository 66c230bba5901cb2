"""Losses on votes for training: the torch twins of `mien.raters` (losses, penalty, heads), to the same numbers.

Sources and meanings stand there; here gradients flow. Targets, weights and penalties are made by `mien.raters` (shares,
smooth, class_balanced_weights, penalty_matrix) once, before training.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from mien.errors import RequestError
from mien.raters.losses import LOSSES
from mien.raters.penalty import FORMS


def cells(logits: Tensor, target: Tensor, loss: str = "ce") -> Tensor:
    """(n, classes): the loss of every item and class, as `mien.raters.losses.cells`; targets in [0, 1]."""
    if loss not in LOSSES:
        raise RequestError(f"unknown loss {loss!r}; allowed: {', '.join(LOSSES)}")
    if logits.shape != target.shape:
        raise RequestError(
            f"logits have shape {tuple(logits.shape)}, targets {tuple(target.shape)}; they must be alike"
        )
    if loss == "bce":
        return functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    cross = -target * logits.log_softmax(dim=-1)
    return cross if loss == "ce" else cross + torch.special.xlogy(target, target)


def soft_loss(
    logits: Tensor, target: Tensor, loss: str = "ce", *, weights: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Cross-entropy, divergence or binary cross-entropy against soft targets, as `mien.raters.soft_loss`.

    weights: (classes,), an item counts by their mean under its target; reduction: "mean", "sum" or "none" ((n,)).
    """
    each = cells(logits, target, loss).sum(dim=-1)
    return reduced(each if weights is None else each * (target @ weights), reduction)


def penalised_loss(
    logits: Tensor, target: Tensor, penalty: Tensor, loss: str = "ce", *, alpha: float = 1.0, beta: float = 1.0,
    form: str = "published_rowsum", reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """beta L + alpha L_P with a penalty (classes, classes) on rare pairs, as `mien.raters.penalised_loss`.

    form: "published_rowsum", or "pairwise" (gradients flow through the predicted probabilities too).
    """
    if form not in FORMS:
        raise RequestError(f"unknown form {form!r}; allowed: {', '.join(FORMS)}")
    base = cells(logits, target, loss)
    if penalty.shape != (base.shape[1], base.shape[1]):
        raise RequestError(f"the penalty must be ({base.shape[1]}, {base.shape[1]}), got {tuple(penalty.shape)}")
    each = beta * base.sum(dim=-1)
    if alpha:
        predicted = logits.sigmoid() if loss == "bce" else logits.softmax(dim=-1)
        weight = penalty.sum(dim=1) if form == "published_rowsum" else predicted @ penalty.T
        each = each + alpha * (base * weight).sum(dim=-1)
    return reduced(each, reduction)


def rater_loss(logits: Tensor, ratings: Tensor, *, over: str = "ratings") -> Tensor:
    """Cross-entropy of a head per rater, as `mien.raters.rater_loss`; missing ratings count nowhere.

    logits: (n, raters, classes); ratings: (n, raters) int64, -1 missing; over: "ratings", each counting alike, or
    "raters", each rater that has one counting alike. 0 with a gradient of 0 for a batch without any rating.
    """
    if over not in ("ratings", "raters"):
        raise RequestError(f"unknown mean over {over!r}; allowed: ratings, raters")
    if logits.shape[:2] != ratings.shape:
        raise RequestError(f"logits are for {tuple(logits.shape[:2])} items and raters, ratings {tuple(ratings.shape)}")
    there = ratings >= 0
    each = functional.cross_entropy(logits.transpose(1, 2), ratings.clamp(min=0), reduction="none") * there
    if over == "ratings":
        return each.sum() / there.sum().clamp(min=1)
    count = there.sum(dim=0)
    return (each.sum(dim=0) / count.clamp(min=1)).sum() / (count > 0).sum().clamp(min=1)


def reduced(each: Tensor, reduction: str) -> Tensor:
    """The losses of the items (n,), their "mean" or their "sum"."""
    if reduction not in ("none", "mean", "sum"):
        raise RequestError(f"unknown reduction {reduction!r}; allowed: none, mean, sum")
    return each if reduction == "none" else each.mean() if reduction == "mean" else each.sum()
