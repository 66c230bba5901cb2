"""The released search: each run draws its settings at random; a fixed budget of logged draws makes runs comparable."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError

_RATE, _SPREAD = (1e-3, 1e-4), (0.0, 0.3, 0.5, 0.7)
_MEMORY: dict[str, tuple[float, ...]] = {"hidden": (128, 256), "dropout": _SPREAD, "rate": _RATE}
CHOICES: dict[str, dict[str, tuple[float, ...]]] = {
    "emotiontalk": {"hidden": (64, 128, 256), "dropout": (0.2, 0.3, 0.4, 0.5), "rate": _RATE},
    "mfn": _MEMORY,
    "graph-mfn": _MEMORY,
    "mfm": {**_MEMORY, "rebuild": (0.01, 0.1, 0.5, 1.0), "prior": (10, 50, 100)},
    "mctn": {
        "hidden": (64, 128, 256), "dropout": (0.0, 0.1, 0.2, 0.3), "teacher": (0.3, 0.5),
        "translation": (0.1, 0.3, 0.5, 0.8, 1.0), "clip_value": (0.6, 0.8, 1.0), "rate": _RATE,
    },
}  # fmt: skip
"""System -> option -> values, from model-tune.yaml @6ff3022 (mfm: one weight a modality there, here one for all)."""


def draw(seed: int, budget: int, system: str = "emotiontalk") -> tuple[dict[str, Any], ...]:
    """`budget` settings, each drawn anew; equal seeds give equal draws, and a larger budget begins with the smaller.

    RequestError for a system without published choices.
    """
    if system not in CHOICES:
        raise RequestError(f"no published choices for {system!r}; there are some for: {', '.join(CHOICES)}")
    rng = np.random.default_rng(seed)
    chosen = CHOICES[system]
    return tuple({name: values[rng.integers(len(values))] for name, values in chosen.items()} for _ in range(budget))
