"""The teacher of single BRIGHTER languages: a balanced logistic regression in which two texts are near each other as far as
their n-grams are, and `NEAR` times as far as the encoder's states are. What it says of training texts comes from folds.
"""

from __future__ import annotations

import numpy as np
from measure import platt, sigmoid
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.model_selection import KFold

NEAR = 0.6
FOLDS = 3


def taught(grams: csr_matrix, states: np.ndarray, truth: np.ndarray, chance: np.ndarray, seed: int) -> np.ndarray:
    """What the teacher says of its own training rows (n, classes), each from folds without it, calibrated on `truth`.

    chance: the chance of yes that it learns from (n, classes).
    """
    near = alike(grams, states, NEAR)
    scores = np.zeros(chance.shape)
    for train, rest in KFold(FOLDS, shuffle=True, random_state=seed).split(chance):
        factor = cholesky(near[np.ix_(train, train)] + 1e-4 * np.eye(len(train), dtype=np.float32), lower=True)
        weights, bias = regress(factor, chance[train])
        dual = solve_triangular(factor, weights, lower=True, trans=1)
        scores[rest] = near[np.ix_(rest, train)] @ dual + bias
    fitted = np.array([platt(truth[:, k], scores[:, k]) for k in range(truth.shape[1])])
    return sigmoid(scores * fitted[:, 0] + fitted[:, 1])


def alike(grams: csr_matrix, states: np.ndarray, weight: float) -> np.ndarray:
    """How near texts are to each other (n, n): by their n-grams, and `weight` times by the encoder's states."""
    states = states.astype(np.float32)
    states = (states - states.mean(0)) / np.maximum(states.std(0), 1e-6) / np.sqrt(states.shape[1])
    return (grams @ grams.T).toarray().astype(np.float32) + weight * (states @ states.T)


def regress(features: np.ndarray, chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Balanced logistic regression (C = 1) of all classes at once: weights (features, classes) and bias (classes,)."""
    yes, no = (part * len(part) / (2 * np.maximum(part.sum(0), 1e-9)) for part in (chance, 1 - chance))
    width, classes = features.shape[1], chance.shape[1]

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(width + 1, classes)
        scores = features @ weights[:-1].astype(np.float32) + weights[-1]
        loss = (yes * np.logaddexp(0, -scores) + no * np.logaddexp(0, scores)).sum() + (weights**2).sum() / 2
        p = sigmoid(scores)
        pull = no * p - yes * (1 - p)
        slope = np.vstack([features.T @ pull.astype(np.float32), pull.sum(0)]) + weights
        return float(loss), slope.ravel().astype(np.float64)

    start = np.zeros((width + 1) * classes)
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 40}).x.reshape(width + 1, classes)
    return found[:-1], found[-1]
