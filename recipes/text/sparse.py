"""BRIGHTER: one pruned logistic regression per language and class, with calibration from out-of-fold scores.

Per language: n-grams in at least 3 rows; balanced logistic regression (C = 1) per class; the `KEPT` n-grams with the
largest weight times RMS of the feature stay; a second fit on these alone (so that the L2 norm runs over what ships);
int8 weights with one scale per class. Five folds of the training rows repeat all of it to give the scores that Platt
scaling and thresholds are fitted on, so that dev is not needed for it. Where XED has the language, its subtitle lines join
every training part with `SECOND` of the weight of the BRIGHTER rows, each source balanced by itself. Where single ratings
are published (nine languages) a text the raters disagreed on counts partly as yes and partly as no. English and
Nigerian Pidgin also hear the 28 logits of the GoEmotions student (each to unit variance, times `DENSE`). The languages
of multilingual.LANGUAGES learn from a teacher as much as from the labels, and with a weaker penalty; in each of the five
folds the teacher, too, has seen the training part alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from kernel import taught
from measure import expected_cut, platt, sigmoid
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from mien.analysis.senses.textfeatures import IDF_STEPS, Vocabulary

KEPT = 8_000
SECOND = 0.12
VOTES = 0.7
DENSE = 0.15
TAUGHT = 0.5
"""Share of the teacher in the targets of the languages that have one."""
PENALTY, PENALTY_TAUGHT = 1.0, 3.0
Rows = tuple[Sequence[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Linear:
    """Vocabulary, weights (n-grams, classes), weights of the student's logits (28 or 0, classes), bias (classes,).

    The bias is NaN where the class is lacking.
    """

    vocabulary: Vocabulary
    weights: np.ndarray
    dense: np.ndarray
    bias: np.ndarray

    def scores(self, keys: Sequence[np.ndarray], wide: np.ndarray) -> np.ndarray:
        """Log-odds (n, classes) of texts given as n-gram keys and the student's logits (n, 28 or 0)."""
        return matrix(self.vocabulary, keys) @ self.weights + wide @ self.dense + self.bias


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A linear model with Platt slope and shift and a threshold (on the probability) per class."""

    linear: Linear
    slope: np.ndarray
    shift: np.ndarray
    threshold: np.ndarray

    def probabilities(self, keys: Sequence[np.ndarray], wide: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (n, classes), NaN where the class is lacking."""
        return sigmoid(self.linear.scores(keys, wide) * self.slope + self.shift)


def vocabulary(keys: Sequence[np.ndarray], least: int) -> Vocabulary:
    """N-grams that stand in at least `least` texts, with smoothed idf in the steps that one byte can hold."""
    names, rows = np.unique(np.concatenate([np.unique(text) for text in keys]), return_counts=True)
    kept = rows >= least
    return Vocabulary(names[kept], stepped(np.log((1 + len(keys)) / (1 + rows[kept])) + 1))


def stepped(idf: np.ndarray) -> np.ndarray:
    """Idf rounded to 1/20, at most 255/20, as float32."""
    return (np.minimum(np.round(idf * IDF_STEPS), 255) / IDF_STEPS).astype(np.float32)


def matrix(words: Vocabulary, keys: Sequence[np.ndarray]) -> csr_matrix:
    """TF-IDF rows of texts."""
    rows = [words.vector(text) for text in keys]
    ends = np.cumsum([0, *(len(row.rows) for row in rows)])
    values = np.concatenate([row.values for row in rows]).astype(np.float64)
    return csr_matrix((values, np.concatenate([row.rows for row in rows]), ends), shape=(len(rows), len(words.keys)))


def likely(targets: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Chance of yes (n, classes): the label, moved `VOTES` of the way to the share of raters who saw it (where known)."""
    return np.where(np.isnan(shares), targets, (1 - VOTES) * targets + VOTES * shares)


def doubled(chance: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row numbers, answers and weights of one class: a row that is neither sure yes nor no stands there with both answers."""
    rows = [np.flatnonzero(part > 0) for part in (1 - chance, chance)]
    answers = np.repeat([0, 1], [len(part) for part in rows])
    return np.concatenate(rows), answers, np.concatenate([(1 - chance)[rows[0]], chance[rows[1]]])


def balanced(answers: np.ndarray, weights: np.ndarray, total: float) -> np.ndarray:
    """The weights scaled so that both answers weigh the same and all of them `total`."""
    sums = np.maximum(np.bincount(answers, weights, minlength=2), 1e-9)
    return weights * total / (2 * sums[answers])


def regress(
    features: csr_matrix, chance: np.ndarray, second: np.ndarray, penalty: float
) -> tuple[np.ndarray, np.ndarray]:
    """Balanced logistic regression per class: weights (features, classes), bias (NaN where the class is lacking)."""
    weights, bias = np.zeros((features.shape[1], chance.shape[1])), np.full(chance.shape[1], np.nan)
    lines = len(chance) + np.arange(len(second))
    for k in range(chance.shape[1]):
        if np.isnan(chance[:, k]).any() or chance[:, k].min() == chance[:, k].max():
            continue
        rows, answers, weight = doubled(chance[:, k])
        weight = balanced(answers, weight, len(chance))
        if len(second):
            others = second[:, k].astype(int)
            weight = np.concatenate([weight, balanced(others, np.ones(len(others)), SECOND * len(chance))])
            rows, answers = np.concatenate([rows, lines]), np.concatenate([answers, others])
        model = LogisticRegression(C=penalty, solver="liblinear", max_iter=300)
        model.fit(features[rows], answers, sample_weight=weight)
        weights[:, k], bias[k] = model.coef_[0], model.intercept_[0]
    return weights, bias


def fit(
    keys: Sequence[np.ndarray],
    wide: np.ndarray,
    states: np.ndarray,
    targets: np.ndarray,
    shares: np.ndarray,
    second: Rows,
    seed: int,
) -> Linear:
    """Fit, prune, fit again, round to int8; `wide` (n, 28 or 0) stays whole, `second` holds the second source's rows.

    states: (n, 1920) of the encoder where a teacher is wanted, else (n, 0).
    """
    joined = [*keys, *second[0]]
    words = vocabulary(joined, 3)
    middle, spread = wide.mean(0), np.maximum(wide.std(0), 1e-6)
    block = np.zeros((len(joined), wide.shape[1]))
    block[: len(keys)] = (wide - middle) / spread * DENSE
    chance, penalty = likely(targets, shares), PENALTY
    if states.shape[1]:
        has, penalty = ~np.isnan(targets).any(0), PENALTY_TAUGHT
        told = taught(matrix(words, keys), states, targets[:, has], chance[:, has], seed)
        chance[:, has] = (1 - TAUGHT) * chance[:, has] + TAUGHT * told

    def trained(chosen: Vocabulary) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
        grams = matrix(chosen, joined)
        return grams, *regress(hstack([grams, csr_matrix(block)]).tocsr(), chance, second[1], penalty)

    features, weights, bias = trained(words)
    if len(words.keys) > KEPT:
        rms = np.sqrt(np.asarray(features.power(2).mean(0))[0])
        best = np.sort(np.argsort(-(np.abs(weights[: len(rms)]).max(1) * rms), kind="stable")[:KEPT])
        words = Vocabulary(words.keys[best], words.idf[best])
        features, weights, bias = trained(words)
    grams, dense = weights[: len(words.keys)], weights[len(words.keys) :] * (DENSE / spread[:, None])
    scale = np.maximum(np.abs(grams).max(0) / 127, 1e-9)
    return Linear(words, np.round(grams / scale) * scale, dense, bias - middle @ dense)


def fit_calibrated(
    keys: Sequence[np.ndarray],
    wide: np.ndarray,
    states: np.ndarray,
    targets: np.ndarray,
    shares: np.ndarray,
    second: Rows,
    *,
    seed: int,
    folds: int = 5,
) -> Calibrated:
    """The shipped model of one language; slope, shift and threshold from out-of-fold scores of the training rows."""
    outer = np.full(targets.shape, np.nan)
    for train, test in KFold(folds, shuffle=True, random_state=seed).split(targets):
        part = fit([keys[i] for i in train], wide[train], states[train], targets[train], shares[train], second, seed)
        outer[test] = part.scores([keys[i] for i in test], wide[test])
    linear = fit(keys, wide, states, targets, shares, second, seed)
    slope, shift, threshold = (np.full(targets.shape[1], np.nan) for _ in range(3))
    for k in np.flatnonzero(~np.isnan(linear.bias)):
        seen = ~np.isnan(outer[:, k])
        truth, scores = targets[seen, k], outer[seen, k]
        slope[k], shift[k] = platt(truth, scores)
        threshold[k] = expected_cut(sigmoid(scores * slope[k] + shift[k]))
    return Calibrated(linear, slope, shift, threshold)
