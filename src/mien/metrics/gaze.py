"""Gaze of two persons from frame to frame: looking at one another, and at the same thing.

>>> look = gaze(["B", "B", "cup", "away"], ["A", "cup", "cup", "away"], persons=("A", "B"), rate=1.0)
>>> look.mutual, look.joint
(0.25, 0.25)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import as_labels, same_length

AWAY = "away"
"""The target of a frame in which the gaze meets nothing known."""


@dataclass(frozen=True, slots=True)
class Gaze:
    """Shares of frames in [0, 1].

    mutual: each looks at the other; expected: that share if both looked independently; joint: both at the same target
    that is neither of them; episodes: runs of mutual gaze as (first frame, frame after the last).
    """

    mutual: float
    expected: float
    joint: float
    episodes: tuple[tuple[int, int], ...]


def gaze(
    first: Sequence[str], second: Sequence[str], *, persons: tuple[str, str] = ("A", "B"), rate: float,
    min_episode: float = 0.2, away: str = AWAY,
) -> Gaze:  # fmt: skip
    """Mutual gaze and joint attention.

    first, second: what each person looks at, one target a frame; persons: their own names among the targets; rate:
    frames per second; min_episode: seconds below which a run of mutual gaze is no episode; away: the target that is no
    target. Raises RequestError: sequences of unequal length, empty, or a rate that is not above 0.
    """
    if not rate > 0:
        raise RequestError(f"rate {rate}: must be frames per second above 0")
    one, other = as_labels(first, name="first"), as_labels(second, name="second")
    same_length(one, other, names=("first", "second"))
    at_other, at_one = one == persons[1], other == persons[0]
    together = (one == other) & ~np.isin(one, [*persons, away])
    runs = episodes(at_other & at_one, max(1, round(min_episode * rate)))
    return Gaze(float((at_other & at_one).mean()), float(at_other.mean() * at_one.mean()), float(together.mean()), runs)


def episodes(flags: NDArray[np.bool_], least: int = 1) -> tuple[tuple[int, int], ...]:
    """Runs of True that are at least `least` frames long, as (first frame, frame after the last)."""
    steps = np.diff(np.concatenate([[0], np.asarray(flags).astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return tuple((int(a), int(b)) for a, b in zip(starts, ends, strict=True) if b - a >= least)
