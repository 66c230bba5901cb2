"""Valence, arousal and dominance of English text: ridge regression on EmoBank over TF-IDF and the student's hidden layer.

Half of each target is the text's rating, half what a teacher says that also has a multilingual encoder's states and never
read the text's document. EmoBank is CC BY-SA 4.0, so these numbers go to a file of their own (textva.npz) that carries that notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from kernel import alike
from scipy.sparse import csr_matrix, hstack
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold
from sparse import matrix
from student import Student

ALPHAS = (1.0, 2.0, 4.0, 8.0)
DENSE = 0.15
"""Weight of the dense block: hidden units and logits, each to unit variance, times this."""
STATES, STRENGTH, TOLD = 3.0, 2.0, 0.5
"""The teacher: weight of the encoder's states in its kernel, ridge strength, share of its answers in the targets."""


@dataclass(frozen=True, slots=True)
class Affective:
    """On 1..5: int8 weights of the student's n-grams (n, 3), scale, dense weights (hidden + 28, 3), bias (3,)."""

    grams: np.ndarray
    scale: np.ndarray
    dense: np.ndarray
    bias: np.ndarray

    def read(self, student: Student, keys: Sequence[np.ndarray]) -> np.ndarray:
        """Valence, arousal and dominance (n, 3) on 1..5."""
        sparse = matrix(student.vocabulary, keys) @ (self.grams * self.scale)
        return sparse + dense_block(student, keys) @ self.dense + self.bias


def dense_block(student: Student, keys: Sequence[np.ndarray]) -> np.ndarray:
    """Hidden units and logits side by side."""
    hidden = student.hidden(keys)
    return np.hstack([hidden, hidden @ student.outer + student.outer_bias])


def solve(student: Student, keys: Sequence[np.ndarray], targets: np.ndarray, alpha: float) -> Affective:
    """Ridge on both blocks; the dense one's scaling is folded into its weights."""
    block = dense_block(student, keys)
    middle, spread = block.mean(0), np.maximum(block.std(0), 1e-6)
    features = hstack([matrix(student.vocabulary, keys), csr_matrix((block - middle) / spread * DENSE)]).tocsr()
    model = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-5, random_state=0).fit(features, targets)
    grams, dense = model.coef_[:, : -block.shape[1]].T, model.coef_[:, -block.shape[1] :].T * DENSE / spread[:, None]
    scale = np.abs(grams).max(0) / 127
    return Affective(np.round(grams / scale).astype(np.int8), scale, dense, model.intercept_ - middle @ dense)


def told(
    student: Student, keys: Sequence[np.ndarray], states: np.ndarray, targets: np.ndarray, documents: np.ndarray
) -> np.ndarray:
    """The targets, half of each replaced by the answer of a kernel ridge regression that never read the document."""
    block = dense_block(student, keys)
    block = np.float32(DENSE) * ((block - block.mean(0)) / np.maximum(block.std(0), 1e-6)).astype(np.float32)
    kernel = alike(matrix(student.vocabulary, keys), states, STATES) + block @ block.T
    answers = np.zeros_like(targets)
    for train, rest in GroupKFold(5).split(targets, groups=documents):
        middle = targets[train].mean(0)
        teacher = KernelRidge(alpha=STRENGTH, kernel="precomputed")
        teacher.fit(kernel[np.ix_(train, train)], targets[train] - middle)
        answers[rest] = teacher.predict(kernel[np.ix_(rest, train)]) + middle
    return (1 - TOLD) * targets + TOLD * answers


def correlation(truth: np.ndarray, said: np.ndarray) -> list[float]:
    """Pearson r per column."""
    return [float(np.corrcoef(truth[:, k], said[:, k])[0, 1]) for k in range(truth.shape[1])]


def fit(
    student: Student, bank: pd.DataFrame, keys: Sequence[np.ndarray], states: np.ndarray
) -> tuple[Affective, dict[str, object]]:
    """The shipped regression (trained on EmoBank train, alpha by dev) and its figures; states (n, 1920) of all texts."""
    targets = bank[["V", "A", "D"]].to_numpy()
    part = {name: np.flatnonzero(bank["split"] == name) for name in ("train", "dev", "test")}
    assert all(len(rows) for rows in part.values())

    def chosen(rows: np.ndarray) -> list[np.ndarray]:
        return [keys[i] for i in rows]

    def wanted(rows: np.ndarray) -> np.ndarray:
        return told(student, chosen(rows), states[rows], targets[rows], bank["document"].to_numpy()[rows])

    lesson = wanted(part["train"])

    def trial(alpha: float) -> float:
        model = solve(student, chosen(part["train"]), lesson, alpha)
        return float(np.mean(correlation(targets[part["dev"]], model.read(student, chosen(part["dev"])))))

    alpha = max(ALPHAS, key=trial)
    model = solve(student, chosen(part["train"]), lesson, alpha)
    test = correlation(targets[part["test"]], model.read(student, chosen(part["test"])))
    outer = np.zeros_like(targets)
    for train, rest in GroupKFold(5).split(targets, groups=bank["document"]):
        outer[rest] = solve(student, chosen(train), wanted(train), alpha).read(student, chosen(rest))
    by_document = correlation(targets, outer)
    names = ("valence", "arousal", "dominance")
    facts = {
        "alpha": alpha,
        "r_test": dict(zip(names, test, strict=True)),
        "r_by_document": dict(zip(names, by_document, strict=True)),
    }
    return model, facts
