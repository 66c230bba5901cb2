"""The shipped text models as plain arrays: language guesser, GoEmotions student, BRIGHTER regressions, valence-arousal.

Weights lie in weights/text.npz and weights/textva.npz (no pickle), names and thresholds in weights/text.json.
Keys of n-grams are stored as differences in byte planes, idf as multiples of 1/`IDF_STEPS`, weights as int8.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.model import card
from mien.analysis.senses.textfeatures import IDF_STEPS, Ngrams, Vector, Vocabulary
from mien.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Guesser:
    """Softmax over languages: names, vocabulary, int8 weights (n-grams, languages), scale and bias (languages,)."""

    languages: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats

    def probabilities(self, grams: Ngrams) -> tuple[Floats, float]:
        """Probability per language (sums to 1) and the share of the text's n-grams that any language has."""
        vector = self.vocabulary.vector(grams.all)
        scores = vector.values @ self.weights[vector.rows] * self.scale + self.bias
        scores = np.exp(scores - scores.max())
        return scores / scores.sum(), vector.known


@dataclass(frozen=True, slots=True)
class Student:
    """GoEmotions: bag of int8 embeddings, one hidden layer, Platt slope and shift per class."""

    vocabulary: Vocabulary
    embedding: NDArray[np.int8]
    scale: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats
    slope: Floats
    shift: Floats

    def bag(self, vector: Vector) -> Floats:
        """Weighted sum of embeddings (width,)."""
        return vector.values.astype(np.float64) @ self.embedding[vector.rows] * self.scale

    def hidden(self, vector: Vector) -> Floats:
        """Hidden layer (hidden,)."""
        return np.maximum(self.bag(vector) @ self.inner + self.inner_bias, 0.0)

    def logits(self, hidden: Floats) -> Floats:
        """Raw scores (28,)."""
        return hidden @ self.outer + self.outer_bias

    def probabilities(self, vector: Vector) -> Floats:
        """Calibrated independent probabilities (28,)."""
        return sigmoid(self.logits(self.hidden(vector)) * self.slope + self.shift)

    def contributions(self, vector: Vector, label: int) -> Floats:
        """First-order share of each of the vector's n-grams in a class's score (len(rows),)."""
        active = self.bag(vector) @ self.inner + self.inner_bias > 0
        slope = self.inner @ (self.outer[:, label] * active) * self.scale
        return vector.values * (self.embedding[vector.rows] @ slope)


@dataclass(frozen=True, slots=True)
class Sparse:
    """BRIGHTER, one language: int8 weights (n-grams, 6); scale, bias, Platt slope and shift (NaN: class lacking).

    `dense` (28, 6) weighs the GoEmotions student's logits where the language is English or near to it; else None.
    """

    vocabulary: Vocabulary
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    slope: Floats
    shift: Floats
    dense: Floats | None = None

    def probabilities(self, vector: Vector, logits: Floats | None = None) -> Floats:
        """Calibrated independent probabilities (6,), NaN where the language's data lack the class.

        logits: of the student (28,); needed where there is `dense`.
        """
        scores = vector.values.astype(np.float64) @ self.weights[vector.rows] * self.scale + self.bias
        if self.dense is not None and logits is not None:
            scores = scores + logits @ self.dense
        return sigmoid(np.asarray(scores * self.slope + self.shift))

    def contributions(self, vector: Vector, label: int) -> Floats:
        """Exact share of each of the vector's n-grams in a class's score (len(rows),)."""
        return np.asarray(vector.values * self.weights[vector.rows, label] * float(self.scale[label]), np.float64)


@dataclass(frozen=True, slots=True)
class Affective:
    """Valence, arousal, dominance of English on EmoBank's 1..5: weights of n-grams, hidden units and logits."""

    grams: NDArray[np.int8]
    scale: Floats
    dense: Floats
    bias: Floats

    def read(self, student: Student, vector: Vector) -> Floats:
        """(valence, arousal, dominance) in [-1, 1]."""
        hidden = student.hidden(vector)
        sparse = vector.values.astype(np.float64) @ self.grams[vector.rows] * self.scale
        rated = sparse + np.concatenate([hidden, student.logits(hidden)]) @ self.dense + self.bias
        return ((rated - 3.0) / 2.0).clip(-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class TextModels:
    """Everything the text sense reads with; `affective` is None where its file was left out."""

    guesser: Guesser
    student: Student
    sparse: Mapping[str, Sparse]
    affective: Affective | None

    def six(self, language: str, keys: NDArray[np.uint32], wide: Vector | None = None) -> tuple[Floats, Vector]:
        """BRIGHTER's probabilities (6,) of a text in one of its languages, and the text as that model sees it.

        wide: the text as the student sees it, where that is known already.
        """
        linear = self.sparse[language]
        vector = linear.vocabulary.vector(keys)
        if linear.dense is None:
            return linear.probabilities(vector), vector
        hidden = self.student.hidden(wide or self.student.vocabulary.vector(keys))
        return linear.probabilities(vector, self.student.logits(hidden)), vector


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


@cache
def text_models() -> TextModels:
    """The shipped models, loaded once a process; InputError where a weight file is missing."""
    names, arrays, rated = card("text"), _arrays("text"), _arrays("textva", needed=False)
    affective = Affective(**{key: rated[key] for key in ("grams", "scale", "dense", "bias")}) if rated else None
    student = {key: arrays[f"goemotions.{key}"] for key in _STUDENT}
    guesser = Guesser(
        tuple(names["language"]["languages"]),
        _vocabulary(arrays["language.keys"], arrays["language.idf"]),
        *(arrays[f"language.{key}"] for key in ("weights", "scale", "bias")),
    )
    words = _vocabulary(arrays["goemotions.keys"], arrays["goemotions.idf"])
    return TextModels(guesser, Student(words, **student), _languages(names, arrays), affective)


_LINEAR = ("scale", "bias", "slope", "shift", "dense")
_STUDENT = ("embedding", "scale", "inner", "inner_bias", "outer", "outer_bias", "slope", "shift")


def _languages(names: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Sparse]:
    ends = np.cumsum([0, *arrays["brighter.sizes"]])
    models = {}
    for i, code in enumerate(names["brighter"]["languages"]):
        part = slice(ends[i], ends[i + 1])
        words = _vocabulary(arrays["brighter.keys"][:, part], arrays["brighter.idf"][part])
        scale, bias, slope, shift, dense = (arrays[f"brighter.{key}"][i] for key in _LINEAR)
        weights = arrays["brighter.weights"][part]
        models[code] = Sparse(words, weights, scale, bias, slope, shift, dense if dense.any() else None)
    return models


def packed_keys(keys: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Sorted keys as byte planes (4, n) of their differences: what `text_models` unpacks; compresses to about half."""
    differences = np.diff(keys, prepend=np.uint32(0)).astype("<u4")
    return np.ascontiguousarray(differences.view(np.uint8).reshape(-1, 4).T)


def _vocabulary(planes: NDArray[np.uint8], idf: NDArray[np.uint8]) -> Vocabulary:
    differences = np.ascontiguousarray(planes.T).view("<u4")[:, 0]
    return Vocabulary(np.cumsum(differences, dtype=np.uint32), idf.astype(np.float32) / np.float32(IDF_STEPS))


def _arrays(name: str, *, needed: bool = True) -> dict[str, NDArray[Any]]:
    try:
        data = resources.files("mien.analysis.senses.weights").joinpath(f"{name}.npz").read_bytes()
    except FileNotFoundError:
        if needed:
            raise InputError(f"{name}.npz", "", "a shipped weight is missing; reinstall mien") from None
        return {}
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        return {key: stored[key].astype(np.float64) if stored[key].dtype.kind == "f" else stored[key] for key in stored}
