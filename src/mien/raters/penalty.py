"""A penalty on rare combinations of emotions, from how often raters chose them together (Chou 2025, chapter 5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.raters.arrays import Floats, matrix
from mien.raters.losses import cells, reduced, softmax

COUNTS = ("utterance", "pairs")
FORMS = ("published_rowsum", "pairwise")


def cooccurrence(counts: Any, *, count: str = "utterance") -> Floats:
    """How often classes j and z were both chosen for the same training item; the diagonal: how often z was.

    counts: votes per item and class, shape (items, classes). count: "utterance": items in which both have a vote;
    "pairs": pairs of votes (n_j·n_z, and n_z² on the diagonal). Which one the dissertation means is not recoverable.

    >>> cooccurrence([[2, 1, 0], [1, 0, 0]]).tolist()
    [[2.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    if count not in COUNTS:
        raise RequestError(f"unknown count {count!r}; allowed: {', '.join(COUNTS)}")
    votes = matrix(counts)
    if not (votes >= 0).all():
        raise RequestError("counts of votes must be numbers of 0 or more")
    votes = (votes > 0).astype(np.float64) if count == "utterance" else votes
    return votes.T @ votes


def cooccurrence_weights(frequency: Any) -> Floats:
    """W_jz = F_jz / F_zz, the columns of a co-occurrence matrix over their diagonal; 0 in a class never chosen."""
    table = _square(frequency)
    diagonal = np.diagonal(table)
    return np.divide(table, diagonal, out=np.zeros_like(table), where=diagonal > 0)


def penalty_matrix(counts: Any, *, count: str = "utterance") -> Floats:
    """P = 1 - W in [0, 1] with a diagonal of 0, shape (classes, classes); near 1 where two classes rarely meet.

    Not symmetric where the classes are not equally frequent. A class never chosen is 1 off the diagonal. Arguments as
    `cooccurrence`. Source: Chou 2025 (arXiv 2510.05934), eq. 5.1-5.2.
    """
    penalty = (1 - cooccurrence_weights(cooccurrence(counts, count=count))).clip(0.0, 1.0)
    np.fill_diagonal(penalty, 0.0)
    return np.asarray(penalty)


def penalised_loss(
    logits: Any,
    target: Any,
    penalty: Any,
    loss: str = "ce",
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    form: str = "published_rowsum",
    reduction: str = "mean",
) -> Floats:
    """β·L + α·L_P with the penalised loss of eq. 5.3-5.6; α = 0 gives β·L exactly.

    penalty: `penalty_matrix`; loss: "ce", "bce" or "kld" (`mien.raters.losses.cells`); form: "published_rowsum", the
    printed sum, in which class j counts Σ_z P_jz whatever else is predicted; "pairwise", our extension: Σ_z P_jz·p_z
    with the predicted probabilities p, so that it depends on which classes are predicted together.
    reduction: "mean" over the items, "sum", or "none".
    """
    if form not in FORMS:
        raise RequestError(f"unknown form {form!r}; allowed: {', '.join(FORMS)}")
    base, factor = cells(logits, target, loss), _square(penalty)
    if factor.shape[0] != base.shape[1]:
        raise RequestError(f"the penalty has {factor.shape[0]} classes, the logits {base.shape[1]}")
    each = beta * base.sum(axis=1)
    if alpha:
        weight = factor.sum(axis=1) if form == "published_rowsum" else _predicted(logits, loss) @ factor.T
        each = each + alpha * (base * weight).sum(axis=1)
    return reduced(each, reduction)


def _predicted(logits: Any, loss: str) -> Floats:
    """Probabilities: sigmoid where the loss is binary, else softmax."""
    scores = matrix(logits)
    return np.exp(-np.logaddexp(0, -scores)) if loss == "bce" else softmax(scores)


def _square(values: Any) -> Floats:
    table = matrix(values)
    if table.shape[0] != table.shape[1]:
        raise RequestError(f"expected one row and one column per class, got shape {table.shape}")
    return table
