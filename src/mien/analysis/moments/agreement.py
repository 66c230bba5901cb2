"""How well a moving mouth and a voice agree in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.moments import FaceTrack
from mien.analysis.moments.span import Turn
from mien.analysis.moments.spans import merge

LEAST = 4
"""Measured mouth movements inside the voice's turns below which nothing is said (0.8 s at 5 pictures a second)."""
TALKING, TALKING_ALONE = 0.11, 0.15
"""Mean root of mouth movement (see `measure.mouth_movement`) of a talking mouth; more where no pause was seen."""
RATIO, SURE = 1.2, 1.5
"""The speaker's mouth moves this many times as much as another's or as in silence, and so many standard errors more."""
EDGE = 0.25
"""Seconds about a turn that count as neither speech nor silence: mouths open before the voice is heard."""

_RIVALS = 3


@dataclass(frozen=True, slots=True)
class Movement:
    """Mean root of mouth movement over n pictures, and its standard error."""

    mean: float
    error: float
    n: int

    def beyond(self, other: Movement) -> float:
        """Standard errors by which this is more than another, 0 unless it is so in ratio too."""
        if self.mean < RATIO * other.mean:
            return 0.0
        return (self.mean - other.mean) / max(float(np.hypot(self.error, other.error)), 1e-3)


def agreements(
    turns: Sequence[Turn], voices: Sequence[str], groups: Sequence[Sequence[FaceTrack]]
) -> NDArray[np.float64]:
    """(voices, groups): standard errors that speak for the face being the voice's, 0 where they do not suffice.

    The mouth must move as a talking one does, more than in the pauses of the voice (where pauses were seen), and more
    than every other mouth in sight while the voice speaks.
    """
    table = np.zeros((len(voices), len(groups)))
    for row, voice in enumerate(voices):
        spoken = [(turn.start, turn.end) for turn in turns if turn.voice == voice]
        seen = [_movements(group, spoken) for group in groups]
        inside = [column for column, (during, _) in enumerate(seen) if during.n >= LEAST]
        liveliest = sorted(inside, key=lambda column: -seen[column][0].mean)[:_RIVALS]
        for column in inside:
            table[row, column] = _support(*seen[column], [seen[other][0] for other in liveliest if other != column])
    return table


def _support(inside: Movement, outside: Movement, others: Sequence[Movement]) -> float:
    paused = outside.n >= LEAST
    if inside.mean < (TALKING if paused else TALKING_ALONE):
        return 0.0
    rivals = [*others, outside] if paused else list(others)
    least = min((inside.beyond(rival) for rival in rivals), default=SURE)
    return least if least >= SURE else 0.0


def _movements(group: Sequence[FaceTrack], spoken: Sequence[tuple[float, float]]) -> tuple[Movement, Movement]:
    """Inside and outside stretches of speech."""
    times = np.concatenate([track.times for track in group])
    mouth = np.concatenate([track.mouth for track in group])
    known = np.isfinite(mouth)
    near = within(times, [(start - EDGE, end + EDGE) for start, end in spoken])
    return _movement(mouth[known & within(times, spoken)]), _movement(mouth[known & ~near])


def _movement(values: NDArray[np.float32]) -> Movement:
    if len(values) < 2:
        return Movement(0.0, 0.0, len(values))
    roots = np.sqrt(values.astype(np.float64))  # a few large movements must not decide
    return Movement(float(roots.mean()), float(roots.std(ddof=1) / np.sqrt(len(roots))), len(roots))


def within(times: NDArray[np.float64], stretches: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """Whether each time lies in one of the stretches (start, end)."""
    merged = merge(stretches, 0.0)
    if not merged:
        return np.zeros(len(times), bool)
    starts, ends = np.array(merged).T
    last = np.searchsorted(starts, times, side="right") - 1
    hit: NDArray[np.bool_] = (last >= 0) & (times < ends[last])
    return hit
