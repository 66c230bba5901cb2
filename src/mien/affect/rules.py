"""The mappings between spaces that somebody can defend, and the spaces that take part in none."""

from __future__ import annotations

from collections.abc import Iterator

from mien.affect.rules_basic import basic_rules
from mien.affect.rules_other import other_rules
from mien.affect.way import Mapping

# States that are no basic emotions, and merged labels that cannot be split.
REFUSED: dict[str, str] = {
    "academic5": "states of learning are not basic emotions (its Neutrality is attention, not the absence of emotion)",
    "daisee4": "states of learning are not basic emotions",
    "wesad4": "protocol states (baseline, stress, meditation) are not basic emotions",
    "stress2": "stress is no emotion; it is shown in a lane of its own",
    "mdpe2": "whether an answer is a lie says nothing about an emotion",
    "maha10": "Anger/Disgust is one label there and cannot be split",
    "quadrants4": "a quadrant holds many emotions",
}


def rules() -> Iterator[Mapping]:
    """Every explicit mapping."""
    yield from basic_rules()
    yield from other_rules()
