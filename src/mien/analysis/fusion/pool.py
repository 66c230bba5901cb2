"""Pooling the distributions of several modalities in basic7, with the committed weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec
import numpy as np

from mien.affect.distribution import Distribution
from mien.affect.mapping import MAPPINGS, convert
from mien.affect.space import SPACES, Space
from mien.analysis.senses.evidence import Evidence

BASIC = SPACES["basic7"]


@cache
def weights_card() -> dict[str, Any]:
    """Fusion weights and where they come from (recipes/fusion)."""
    text = resources.files("mien.analysis.fusion").joinpath("weights.json").read_bytes()
    card: dict[str, Any] = msgspec.json.decode(text)
    return card


def pool(evidence: Sequence[Evidence], weights: Sequence[float]) -> Distribution:
    """Weighted mean in basic7: out_c = sum_m A_mc w_m p_mc / sum_m A_mc w_m, then divided by the sum.

    A_mc is how much people trusted that modality for that emotion (learned from rater votes); w_m its share here.
    """
    table = weights_card()["per_class"]
    used = [(item, weight) for item, weight in zip(evidence, weights, strict=True) if weight > 0]
    factors = np.stack([weight * np.asarray(table.get(item.modality, [1.0] * 7)) for item, weight in used])
    values = mix(np.stack([basic(item).values for item, _ in used]), factors)
    return Distribution(BASIC, values / values.sum())


def mix(values: Any, factors: Any) -> Any:
    """Per class, the mean of several answers weighted by how much each is believed: sum_m f_m p_m / sum_m f_m.

    values, factors: (answers, ..., classes) -> (..., classes); NumPy arrays or tensors of torch, so that what is
    trained (research.systems.ras_compound) and what analyses are the same rule.
    """
    return (values * factors).sum(axis=0) / factors.sum(axis=0).clip(1e-12)


def basic(item: Evidence) -> Distribution:
    """An evidence's distribution in basic7: the mean over its distribution and those readings that map there."""
    own = [reading for reading in (item.distribution, *item.readings) if reading is not None]
    mapped = [convert(reading, BASIC).values for reading in own if maps(reading.space, BASIC)]
    return Distribution(BASIC, np.mean(mapped, axis=0))


def maps(start: Space, goal: Space) -> bool:
    """Whether a distribution in `start` can be told in `goal`."""
    return start == goal or (start.name, goal.name) in MAPPINGS
