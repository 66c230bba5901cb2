"""How well a moving mouth and a voice agree in time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.moments import FaceTrack
from mien.analysis.moments.span import Turn

LEAST = 5
"""Measured mouth positions inside the voice's turns below which nothing is said (1 s at 5 pictures a second)."""
TALKING = 0.02
"""Mean mouth movement from which a mouth may be speaking (see `measure.mouth_motion`)."""
MARGIN = 1.5
"""How many times as much as any other mouth in sight the speaker's must move."""


def agreements(
    turns: Sequence[Turn], voices: Sequence[str], groups: Sequence[Sequence[FaceTrack]]
) -> NDArray[np.float64]:
    """(voices, groups): mouth movement while the voice speaks where it speaks for that face, 0 elsewhere."""
    table = np.zeros((len(voices), len(groups)))
    for row, voice in enumerate(voices):
        spoken = [(turn.start, turn.end) for turn in turns if turn.voice == voice]
        moved = [_movement(group, spoken) for group in groups]
        for column, (inside, outside) in enumerate(moved):
            rest = max((other[0] for i, other in enumerate(moved) if i != column), default=0.0)
            if inside >= TALKING and inside >= MARGIN * rest and inside > 1.2 * outside:
                table[row, column] = inside
    return table


def _movement(group: Sequence[FaceTrack], spoken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean mouth movement inside and outside stretches of speech; 0 where too little was measured."""
    times = np.concatenate([track.times for track in group])
    mouth = np.concatenate([track.mouth for track in group])
    known = np.isfinite(mouth)
    times, mouth = times[known], mouth[known]
    inside = within(times, spoken)
    if inside.sum() < LEAST:
        return 0.0, 0.0
    quiet = mouth[~inside]
    return float(mouth[inside].mean()), float(quiet.mean()) if len(quiet) >= LEAST else 0.0


def within(times: NDArray[np.float64], stretches: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """Whether each time lies in one of the stretches (start, end)."""
    hit = np.zeros(len(times), bool)
    for start, end in stretches:
        hit |= (times >= start) & (times < end)
    return hit
