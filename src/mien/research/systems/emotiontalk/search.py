"""The released search: each run draws its settings at random; a fixed budget of logged draws makes runs comparable."""

from __future__ import annotations

from typing import Any

import numpy as np

CHOICES: dict[str, tuple[float, ...]] = {
    "hidden": (64, 128, 256),
    "dropout": (0.2, 0.3, 0.4, 0.5),
    "rate": (1e-3, 1e-4),
}
"""model-tune.yaml @6ff3022, attention."""


def draw(seed: int, budget: int) -> tuple[dict[str, Any], ...]:
    """`budget` settings, each drawn anew; equal seeds give equal draws, and a larger budget begins with the smaller."""
    rng = np.random.default_rng(seed)
    return tuple({name: values[rng.integers(len(values))] for name, values in CHOICES.items()} for _ in range(budget))
