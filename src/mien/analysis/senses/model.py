"""The senses' own networks and cards: `mien.analysis.network` with the weights of this room."""

from __future__ import annotations

from typing import Any

from mien.analysis import network as _shipped
from mien.analysis.network import Network

__all__ = ["Network", "card", "network"]

WEIGHTS = "mien.analysis.senses.weights"
"""The package that holds them."""


def card(name: str) -> dict[str, Any]:
    """The card of a shipped sense: data and licences, protocol, scores, terms."""
    return _shipped.card(name, WEIGHTS)


def network(name: str) -> Network:
    """The shipped network of a sense, loaded once a process."""
    return _shipped.network(name, WEIGHTS)
