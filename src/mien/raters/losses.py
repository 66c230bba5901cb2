"""Training losses on soft and multi-label targets, as values in NumPy: what a network's loss must come out at.

All are in nats, computed from logits of shape (items, classes); 0·log 0 is 0. `each` is a loss per item; `reduced`
takes the mean or the sum over the items.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Floats, Integers, matrix
from mien.raters.soft import multihot

LOSSES = ("ce", "bce", "kld")


def log_softmax(logits: Any) -> Floats:
    """Logarithm of the softmax over the last axis, without overflow."""
    array = np.asarray(logits, dtype=np.float64)
    shifted = array - array.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def softmax(logits: Any) -> Floats:
    """Probabilities over the last axis."""
    return np.exp(log_softmax(logits))


def cells(logits: Any, target: Any, loss: str) -> Floats:
    """The loss of every item and class, shape (items, classes), whose sum is the loss of a batch.

    loss: "ce" -t·log p (softmax), "kld" t·log(t / p) (softmax), "bce" -t·log p - (1-t)·log(1-p) (sigmoid).
    target: shares or labels in [0, 1], shape (items, classes). RequestError for an unknown loss or unlike shapes.
    """
    if loss not in LOSSES:
        raise RequestError(f"unknown loss {loss!r}; allowed: {', '.join(LOSSES)}")
    scores, wanted = matrix(logits), matrix(target)
    if scores.shape != wanted.shape:
        raise RequestError(f"logits have shape {scores.shape}, targets {wanted.shape}; they must be alike")
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise RequestError("targets must be numbers in [0, 1]; leave items without a target out")
    if loss == "bce":
        return wanted * np.logaddexp(0, -scores) + (1 - wanted) * np.logaddexp(0, scores)
    cross = -wanted * log_softmax(scores)
    return cross if loss == "ce" else cross + _entropy_terms(wanted)


def _entropy_terms(target: Floats) -> Floats:
    return np.asarray(target * np.log(np.where(target > 0, target, 1.0)))


def reduced(each: Floats, reduction: str) -> Floats:
    """The losses of the items as they are ("none", shape (items,)), their "mean" or their "sum" (shape ())."""
    if reduction not in ("none", "mean", "sum"):
        raise RequestError(f"unknown reduction {reduction!r}; allowed: none, mean, sum")
    return each if reduction == "none" else np.asarray(each.mean() if reduction == "mean" else each.sum())


def soft_loss(logits: Any, target: Any, loss: str = "ce", *, weights: Any = None, reduction: str = "mean") -> Floats:
    """Cross-entropy, Kullback-Leibler divergence or binary cross-entropy against soft targets.

    weights: one per class, shape (classes,): an item's loss is multiplied by the mean of the weights under its
    target, one scalar an item (EMO-SUPERB's class-balanced soft cross-entropy with `class_balanced_weights`).
    Cross-entropy and divergence differ by the targets' entropy and so have the same gradient.
    """
    each = cells(logits, target, loss).sum(axis=1)
    if weights is not None:
        factor = np.asarray(weights, dtype=np.float64)
        if factor.shape != (matrix(target).shape[1],):
            raise RequestError(f"weights must have shape ({matrix(target).shape[1]},), got {factor.shape}")
        each = each * (matrix(target) @ factor)
    return reduced(each, reduction)


def samples_per_class(targets: Any) -> Integers:
    """How many training rows have a share above 1/C in each class, int64, shape (classes,)."""
    return np.asarray(multihot(targets).sum(axis=0), dtype=np.int64)


def class_balanced_weights(targets: Any, beta: float | None = None) -> Floats:
    """Weights (1-β)/(1-β^n) of the classes, scaled to sum to their number; shape (classes,).

    targets: the training distributions, shape (items, classes); n: `samples_per_class`; beta: None = (N-1)/N with N
    rows. A class without any row gets weight 0 (the formula has no value there) and the others share its part.
    Source: Cui et al. 2019 (arXiv 1901.05555); EMO-SUPERB's expert.py.
    """
    number = effective_number(targets, beta)
    inverse = np.divide(1.0, number, out=np.zeros_like(number), where=number > 0)
    if not inverse.any():
        raise RequestError("no training row has a share above 1/C in any class: nothing to balance")
    return np.asarray(inverse / inverse.sum() * len(inverse))


def effective_number(targets: Any, beta: float | None = None) -> Floats:
    """1 - β^n of each class, shape (classes,): its effective number of rows, up to the factor 1/(1-β)."""
    rows = len(matrix(targets))
    factor = (rows - 1) / rows if beta is None else beta
    if not 0 <= factor < 1:
        raise RequestError(f"beta must be in [0, 1), got {factor}")
    return np.asarray(1 - factor ** samples_per_class(targets).astype(np.float64))
