"""Protocols: what to vary, one file each (masks, folds and plans need no torch)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mien.errors import RequestError

PROTOCOLS: dict[str, tuple[str, str]] = {
    "seeds": ("seeds", "Seeds"),
    "speakers": ("speakers", "SpeakersOut"),
    "folds": ("speakers", "GroupFolds"),
    "missing": ("rates", "MissingRates"),
    "modalities": ("rates", "Modalities"),
    "conflict": ("conflict", "Conflict"),
    "shift": ("shift", "Shift"),
    "corpora": ("corpora", "Corpora"),
    "perturb": ("perturb", "Perturbations"),
    "fairness": ("fairness", "Fairness"),
    "cost": ("cost", "Cost"),
}
"""Name -> module of this package and class, imported when it is asked for."""


def protocol(name: str) -> Any:
    """The class of that protocol; its fields are its settings. RequestError lists those that exist."""
    if name not in PROTOCOLS:
        raise RequestError(f"no protocol {name!r}; protocols: {', '.join(PROTOCOLS)}")
    module, kind = PROTOCOLS[name]
    return getattr(import_module(f"{__name__}.{module}"), kind)
