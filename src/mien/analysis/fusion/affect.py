"""Affect: what all evidence of one span and person says together."""

from __future__ import annotations

from dataclasses import dataclass

from mien.affect.dimensions import Dimensions
from mien.affect.distribution import Distribution
from mien.analysis.moments.span import Span
from mien.analysis.senses.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Conflict:
    """How far the modalities disagree: score in [0, 1], words ("voice: anger, face: happiness", or "") and, where there
    are words, whose side the fused answer took: one of the two senses, or "neither"."""

    score: float
    words: str
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Affect:
    """What one person showed in one span.

    distribution: fused, in the chosen space, or None; dimensions: fused valence and arousal, or None; evidence with
    `weights` (same order, sum 1 over those that took part, 0 for those left out); confidence in [0, 1]: how often the
    top label was right on constructed items of people outside the training data (recipes/fusion/confidence.py);
    insufficient: the reason why there is no answer, or None; beside: what guests say, fused with nothing.
    """

    span: Span
    distribution: Distribution | None
    dimensions: Dimensions | None
    evidence: tuple[Evidence, ...]
    weights: tuple[float, ...]
    confidence: float
    conflict: Conflict
    insufficient: str | None = None
    beside: tuple[Evidence, ...] = ()
