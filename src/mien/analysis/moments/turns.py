"""Who speaks when: stretches of speech to turns of voices."""

from __future__ import annotations

from collections.abc import Sequence

from mien.analysis.moments.span import Turn


def one_voice(speech: Sequence[tuple[float, float]], certainty: float = 1.0) -> tuple[Turn, ...]:
    """All speech as turns of a single voice, "V1"."""
    return tuple(Turn(start, end, "V1", certainty) for start, end in speech)
