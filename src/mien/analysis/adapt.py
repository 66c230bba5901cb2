"""Fitting the last layer of a sense to a person's own labelled clips: minutes on a laptop, nothing leaves it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.analysis.hidden import SPACES, Array, Material
from mien.analysis.senses.adapted import Adapted
from mien.errors import RequestError

STRENGTHS = (0.003, 0.03, 0.3, 3.0, 30.0)
"""Ridge on the weights, per clip: from nearly free to nearly fixed."""
GAIN = 0.01
"""Nats a clip by which the log loss must fall to count as help."""
FEWEST, FOLDS, STEPS, RATE_OF_STEP = 20, 5, 300, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The adapted layer (None where no strength helped in cross-validation) and the figures before and after.

    uar, log_loss: (as shipped, adapted), on clips whose group was left out; folds; clips.
    """

    adapted: Adapted | None
    uar: tuple[float, float]
    log_loss: tuple[float, float]
    clips: int
    groups: int


def fit(material: Material, modality: str, model: str, *, seed: int = 0) -> Fitted:
    """Ridge-penalised softmax on top of the shipped answer; its strength by cross-validation over groups.

    Only the classes that occur in the clips are moved against each other; the others keep their place. RequestError
    where there are fewer than 20 answered clips, fewer than two labels or groups.
    """
    labels = space(SPACES[modality]).labels
    truth = material.truth
    known = np.unique(truth)
    groups = len(np.unique(material.groups))
    if len(truth) < FEWEST or len(known) < 2 or groups < 2:
        need = f"{FEWEST} answered clips of two labels and two speakers (or no column of speakers) are the least"
        raise RequestError(f"{len(truth)} clips, {len(known)} labels, {groups} groups: {need}")
    fold = _folds(material.groups, seed)
    before = _figures(material.probabilities, truth)
    best: tuple[float, float, float] = (before[1] - GAIN, before[0], np.inf)
    for strength in STRENGTHS:
        out = np.zeros_like(material.probabilities)
        for held in range(fold.max() + 1):
            left = fold == held
            layer = _layer(material, ~left, known, strength)
            out[left] = layer.apply(material.probabilities[left], material.hidden[left])
        uar, loss = _figures(out, truth)
        if loss < best[0]:
            best = (loss, uar, strength)
    if not np.isfinite(best[2]):
        return Fitted(None, (before[0],) * 2, (before[1],) * 2, len(truth), groups)
    after = (best[1], best[0])
    figures = (before[0], after[0]), (before[1], after[1])
    layer = _layer(material, np.ones(len(truth), bool), known, best[2])
    about = {"clips": len(truth), "groups": groups, "labels": [labels[i] for i in known], "ridge": best[2]}
    about |= {"uar as shipped": round(before[0], 4), "uar adapted, groups left out": round(after[0], 4)}
    layer = replace(layer, modality=modality, model=model, labels=labels, about=about)
    return Fitted(layer, *figures, len(truth), groups)


def _layer(material: Material, rows: NDArray[np.bool_], known: NDArray[np.int64], strength: float) -> Adapted:
    """Adam on the mean cross-entropy, every label with the same total weight, over the labels that occur."""
    hidden = material.hidden[rows]
    mean, scale = hidden.mean(axis=0), hidden.std(axis=0) + 1e-3
    x = (hidden - mean) / scale / np.sqrt(hidden.shape[1])
    offset = np.log(material.probabilities[rows][:, known].clip(1e-9))
    truth = np.searchsorted(known, material.truth[rows])
    goal = np.eye(len(known))[truth]
    weight = (1.0 / np.maximum(goal.sum(axis=0), 1))[truth]
    weight /= weight.sum()
    parameters = np.zeros((x.shape[1] + 1, len(known)))
    first, second = np.zeros_like(parameters), np.zeros_like(parameters)
    for step in range(1, STEPS + 1):
        logits = offset + x @ parameters[:-1] + parameters[-1]
        power = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = (power / power.sum(axis=1, keepdims=True) - goal) * weight[:, None]
        slope = np.vstack([x.T @ error + strength / len(x) * parameters[:-1], error.sum(axis=0)])
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        parameters -= RATE_OF_STEP * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    classes = material.probabilities.shape[1]
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    weights[:, known] = parameters[:-1] / np.sqrt(hidden.shape[1])
    bias[known] = parameters[-1]
    return Adapted("", "", (), mean, scale, weights, bias)


def _folds(groups: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    count = len(np.unique(groups))
    order = np.random.default_rng(seed).permutation(count)
    return np.asarray((order % min(FOLDS, count))[groups])


def _figures(probabilities: Array, truth: NDArray[np.int64]) -> tuple[float, float]:
    """(recall averaged over labels, mean negative log-likelihood averaged over labels)."""
    right = probabilities.argmax(axis=1) == truth
    loss = -np.log(probabilities[np.arange(len(truth)), truth].clip(1e-9))
    labels = np.unique(truth)
    recalls = [right[truth == label].mean() for label in labels]
    return float(np.mean(recalls)), float(np.mean([loss[truth == label].mean() for label in labels]))
