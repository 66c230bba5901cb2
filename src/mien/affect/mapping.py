"""Mappings between label spaces: each names its source and says what it loses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.affect.distribution import Distribution
from mien.affect.space import SPACES, Space
from mien.errors import RequestError

Array = NDArray[np.float64]

_ALIASES = {
    **dict.fromkeys(("happy", "joy", "happiness"), "happiness"),
    **dict.fromkeys(("angry", "anger"), "anger"),
    **dict.fromkeys(("sad", "sadness"), "sadness"),
    **dict.fromkeys(("scared", "fearful", "fear"), "fear"),
    **dict.fromkeys(("surprised", "surprise", "astonishment"), "surprise"),
    **dict.fromkeys(("disgusted", "disgust"), "disgust"),
}

# google-research goemotions/data/ekman_mapping.json.
EKMAN_GROUPS: dict[str, tuple[str, ...]] = {
    "anger": ("anger", "annoyance", "disapproval"),
    "disgust": ("disgust",),
    "fear": ("fear", "nervousness"),
    "happiness": (
        *("joy", "amusement", "approval", "excitement", "gratitude", "love", "optimism"),
        *("relief", "pride", "admiration", "desire", "caring"),
    ),
    "sadness": ("sadness", "disappointment", "embarrassment", "grief", "remorse"),
    "surprise": ("surprise", "realization", "confusion", "curiosity"),
}

# goemotions/data/sentiment_mapping.json; "ambiguous" (realization, surprise, curiosity, confusion) is in neither.
SENTIMENT_GROUPS: dict[str, tuple[str, ...]] = {
    "positive": EKMAN_GROUPS["happiness"],
    "negative": (
        *("fear", "nervousness", "remorse", "embarrassment", "disappointment", "sadness", "grief"),
        *("disgust", "anger", "annoyance", "disapproval"),
    ),
}


def alias(label: str) -> str:
    """The common name of a basic emotion ("joy" -> "happiness"); other labels come back lower-cased."""
    return _ALIASES.get(label.strip().lower(), label.strip().lower())


@dataclass(frozen=True, slots=True)
class Mapping:
    """A way from one space to another.

    id; start, goal: space names; source: who defined it; loses: what is gone afterwards; apply: values -> values.
    """

    id: str
    start: str
    goal: str
    source: str
    loses: str
    apply: Callable[[Array], Array]


def _best(values: Array, space: Space, labels: tuple[str, ...]) -> float:
    return float(max(values[space.index(label)] for label in labels))


def _categorical(emotions: Array, neutral: float) -> Array:
    """Independent probabilities of emotions to a distribution whose first value is neutral (none of them present)."""
    values = np.concatenate([[max(neutral, float(np.prod(1.0 - emotions)))], emotions])
    return values / max(float(values.sum()), 1e-12)


def _goemotions_basic(values: Array) -> Array:
    start = SPACES["goemotions28"]
    emotions = np.array([_best(values, start, EKMAN_GROUPS[label]) for label in SPACES["basic7"].labels[1:]])
    return _categorical(emotions, float(values[start.index("neutral")]))


def _brighter_basic(values: Array) -> Array:
    return _categorical(values, 0.0)


def _ferplus_basic(values: Array) -> Array:
    start, goal = SPACES["ferplus8"], SPACES["basic7"]
    result = np.array([values[start.index(label)] for label in goal.labels])
    result[goal.index("disgust")] += values[start.index("contempt")]
    return result


def _basic_sentiment(values: Array) -> Array:
    neutral, anger, disgust, fear, happiness, sadness, surprise = values
    return np.array([anger + disgust + fear + sadness + surprise / 2, neutral, happiness + surprise / 2])


def _goemotions_sentiment(values: Array) -> Array:
    start = SPACES["goemotions28"]
    negative, positive = (_best(values, start, SENTIMENT_GROUPS[side]) for side in ("negative", "positive"))
    neutral = max(float(values[start.index("neutral")]), (1 - negative) * (1 - positive))
    result = np.array([negative, neutral, positive])
    return result / max(float(result.sum()), 1e-12)


def _basic_compound(values: Array) -> Array:
    from mien.affect.compound import compound_scores

    scores = compound_scores(values, SPACES["basic7"].labels, balanced=True)
    total = float(scores.sum())
    return scores / total if total > 1e-12 else np.full(7, 1 / 7)


MAPPINGS: dict[tuple[str, str], Mapping] = {
    (mapping.start, mapping.goal): mapping
    for mapping in (
        Mapping(
            "goemotions28-basic7/1",
            "goemotions28",
            "basic7",
            "GoEmotions ekman_mapping.json, by max; neutral at least the product of the complements (Mien)",
            "all positive kinds become happiness; realization, confusion and curiosity count as surprise",
            _goemotions_basic,
        ),
        Mapping(
            "brighter6-basic7/1",
            "brighter6",
            "basic7",
            "Mien: neutral is the product of the complements, divided by the sum",
            "co-occurrence of emotions",
            _brighter_basic,
        ),
        Mapping(
            "ferplus8-basic7/1",
            "ferplus8",
            "basic7",
            "label-space rule 8 -> 7, loose: contempt joins disgust",
            "contempt",
            _ferplus_basic,
        ),
        Mapping(
            "basic7-sentiment3/1",
            "basic7",
            "sentiment3",
            "Mien: happiness positive; anger, disgust, fear, sadness negative; surprise half to each side",
            "the kind of emotion; surprise is undecided",
            _basic_sentiment,
        ),
        Mapping(
            "goemotions28-sentiment3/1",
            "goemotions28",
            "sentiment3",
            "GoEmotions sentiment_mapping.json, by max; the ambiguous group is left out",
            "the kind of emotion; realization, surprise, curiosity and confusion",
            _goemotions_sentiment,
        ),
        Mapping(
            "basic7-cexpr7/1",
            "basic7",
            "cexpr7",
            "pairwise probability aggregation, balanced (AVCER 2024), divided by the sum",
            "neutral; which of the two is stronger",
            _basic_compound,
        ),
    )
}


def convert(distribution: Distribution, goal: Space) -> Distribution:
    """The distribution in another space; RequestError lists where its space can go."""
    if distribution.space == goal:
        return distribution
    mapping = MAPPINGS.get((distribution.space.name, goal.name))
    if mapping is None:
        ways = sorted(name for start, name in MAPPINGS if start == distribution.space.name)
        raise RequestError(
            f"no mapping from {distribution.space.name} to {goal.name}; it can go to: {', '.join(ways) or 'none'}"
        )
    return Distribution(goal, mapping.apply(distribution.values))
