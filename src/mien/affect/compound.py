"""Compound emotions from basic ones: pairwise probability aggregation (Team RAS 2025, arXiv 2507.02205; AVCER 2024)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.affect.mapping import alias
from mien.errors import RequestError

# The two basics in each compound's name, in the order of cexpr7.
PAIRS: tuple[tuple[str, str], ...] = (
    ("fear", "surprise"),
    ("happiness", "surprise"),
    ("sadness", "surprise"),
    ("disgust", "surprise"),
    ("anger", "surprise"),
    ("sadness", "fear"),
    ("sadness", "anger"),
)


def compound_pairs(order: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of the two basics of each cexpr7 compound in any order of basic labels ("joy" is an alias).

    Raises RequestError naming the label that the order lacks.
    """
    known = [alias(label) for label in order]
    missing = sorted({name for pair in PAIRS for name in pair if name not in known})
    if missing:
        raise RequestError(
            f"compound emotions need {', '.join(missing)} among the basic labels; got: {', '.join(order)}"
        )
    return [(known.index(first), known.index(second)) for first, second in PAIRS]


def compound_scores(
    probabilities: NDArray[np.floating], order: Sequence[str], *, balanced: bool = False, masked: bool = False
) -> NDArray[np.float64]:
    """PPA scores (..., 7) of basic probabilities (..., K); the argmax is the compound, ties to the lower index.

    The published rule adds the two constituents. They are scores, not a distribution: neutral never contributes.
    balanced: inside a pair weigh each basic by 7 minus the number of compounds that hold it (surprise stands in five
    of seven and otherwise wins); masked: probabilities not above 1/7 count as 0. Both are AVCER's variants.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    if masked:
        values = np.where(values > 1 / 7, values, 0.0)
    pairs = np.array(compound_pairs(order))
    weights = np.ones(pairs.shape)
    if balanced:
        rarity = 7.0 - np.bincount(pairs.ravel(), minlength=len(order))
        weights = rarity[pairs] / rarity[pairs].sum(axis=1, keepdims=True)
    scores: NDArray[np.float64] = (values[..., pairs] * weights).sum(axis=-1)
    return scores


def compound_shares(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scores (..., 7) over their sum, to show or to calibrate; the argmax stays, and nothing stays nothing."""
    total = scores.sum(axis=-1, keepdims=True)
    shares: NDArray[np.float64] = np.where(total > 1e-12, scores / np.maximum(total, 1e-12), 0.0)
    return shares


def non_neutral_mass(probabilities: NDArray[np.floating], order: Sequence[str]) -> NDArray[np.float64]:
    """Probability on the basics that compounds are made of, (...,): where it is low, name no compound."""
    used = sorted({index for pair in compound_pairs(order) for index in pair})
    mass: NDArray[np.float64] = np.asarray(probabilities, dtype=np.float64)[..., used].sum(axis=-1)
    return mass
