"""Mappings that are more than gathering labels: values (..., labels of start) -> (..., labels of goal)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.affect.circumplex import expected_point
from mien.affect.groups import EKMAN_GROUPS, EMONET_BASIC, EMONET_EMODB, SENTIMENT_GROUPS
from mien.affect.sentiment import classes
from mien.affect.space import SPACES

Array = NDArray[np.float64]
Apply = Callable[[Array], Array]

# A level below mild (1 on the experts' 0 to 2) on every emotion reads as neutral.
NEUTRAL_BELOW = 0.5
DEAD_ZONE = 0.1


def _best(values: Array, space: str, labels: Sequence[str]) -> Array:
    return np.asarray(values[..., [SPACES[space].index(label) for label in labels]].max(axis=-1))


def _basic(values: Array, space: str, groups: dict[str, tuple[str, ...]]) -> Array:
    return np.stack([_best(values, space, groups[label]) for label in SPACES["basic7"].labels[1:]], axis=-1)


def _with_neutral(emotions: Array, neutral: Array | float) -> Array:
    """Independent probabilities of emotions to a distribution that begins with neutral (none of them present)."""
    first = np.maximum(neutral, (1.0 - emotions).prod(axis=-1))
    return _shared(np.concatenate([first[..., None], emotions], axis=-1))


def _shared(values: Array) -> Array:
    total = values.sum(axis=-1, keepdims=True)
    return np.asarray(values / np.maximum(total, 1e-12))


def goemotions_basic(values: Array) -> Array:
    """GoEmotions to basic7: groups by maximum; neutral at least the product of the complements."""
    neutral = values[..., SPACES["goemotions28"].index("neutral")]
    return _with_neutral(_basic(values, "goemotions28", EKMAN_GROUPS), neutral)


def brighter_basic(values: Array) -> Array:
    """BRIGHTER to basic7: neutral is the product of the complements."""
    return _with_neutral(values, 0.0)


def emonet_basic(values: Array) -> Array:
    """EmoNet intensities to basic7: groups by maximum; neutral where every one of the forty is below mild."""
    emotions = _basic(values, "emonet40", EMONET_BASIC)
    scale = SPACES["emonet40"].high / SPACES["emonet40-expert"].high
    calm = values.max(axis=-1) < NEUTRAL_BELOW * scale
    others = emotions.max(axis=-1) <= 0
    neutral = np.where(calm | others, 1.0, 0.0)
    return _shared(np.concatenate([neutral[..., None], np.where(calm[..., None], 0.0, emotions)], axis=-1))


def emonet_emodb(values: Array) -> Array:
    """EmoNet scores to EMO-DB's seven: softmax over the mapped forty, summed (EmoNet-Voice, section 4.2)."""
    start, goal = SPACES["emonet40"], SPACES["emodb7"]
    return coarse_sums(values, [[start.index(fine) for fine in EMONET_EMODB[label]] for label in goal.labels])


def coarse_sums(scores: Array, places: Sequence[Sequence[int]]) -> Array:
    """Softmax of the scores (..., K) over all places, summed per group: (..., groups), sums to 1."""
    used = np.concatenate([np.asarray(own, dtype=np.intp) for own in places])
    top = scores[..., used].max(axis=-1, keepdims=True)
    weights = np.exp(scores - top)
    sums = np.stack([weights[..., list(own)].sum(axis=-1) for own in places], axis=-1)
    return np.asarray(sums / sums.sum(axis=-1, keepdims=True))


def basic_sentiment(values: Array) -> Array:
    """basic7 to sentiment3: surprise half to each side."""
    neutral, anger, disgust, fear, happiness, sadness, surprise = np.moveaxis(values, -1, 0)
    return np.stack([anger + disgust + fear + sadness + surprise / 2, neutral, happiness + surprise / 2], axis=-1)


def goemotions_sentiment(values: Array) -> Array:
    """GoEmotions to sentiment3: sides by maximum, the ambiguous four left out."""
    negative = _best(values, "goemotions28", SENTIMENT_GROUPS["negative"])
    positive = _best(values, "goemotions28", SENTIMENT_GROUPS["positive"])
    own = values[..., SPACES["goemotions28"].index("neutral")]
    neutral = np.maximum(own, (1 - negative) * (1 - positive))
    return _shared(np.stack([negative, neutral, positive], axis=-1))


def basic_compound(values: Array) -> Array:
    """basic7 to cexpr7: balanced pairwise probability aggregation, divided by the sum; equal shares of nothing."""
    from mien.affect.compound import compound_scores, compound_shares

    shares = compound_shares(compound_scores(values, SPACES["basic7"].labels, balanced=True))
    return np.where(shares.any(axis=-1, keepdims=True), shares, 1 / 7)


def centroids(start: str, goal: str) -> Apply:
    """Distributions of `start` to the mean of their centroids in the dimensions of `goal`."""
    order = SPACES[start].labels
    width = len(SPACES[goal].labels)
    return lambda values: expected_point(values, order)[..., :width].clip(-1, 1)


def valence_sign(values: Array) -> Array:
    """Valence to sentiment3: neutral inside the dead zone, else the sign; one label gets all."""
    return _one_hot(np.where(np.abs(values[..., 0]) < DEAD_ZONE, 0.0, np.sign(values[..., 0])), (-1.0, 0.0, 1.0))


def binned(convention: str, low: float, high: float, levels: Sequence[float]) -> Apply:
    """A score (..., 1) to the class that a sentiment convention gives it; one label gets all, NaN where left out."""
    return lambda values: _one_hot(classes(values[..., 0], convention, low=low, high=high), levels)


def mean_level(start: str) -> Apply:
    """Ordinal classes to their expected level (..., 1)."""
    levels = SPACES[start].levels
    return lambda values: (values @ levels)[..., None]


def _one_hot(numbers: Array, levels: Sequence[float]) -> Array:
    hits = (numbers[..., None] == np.asarray(levels)).astype(np.float64)
    return np.where(np.isnan(numbers)[..., None], np.nan, hits)
