"""Which pictures to take when only so many a second are wanted: the first at or after each step, by its own time."""

from __future__ import annotations

import math

from mien.errors import RequestError

ROUNDING = 0.0006
"""Seconds that a picture may come before its step: Matroska and others round time stamps to a millisecond."""


class Steps:
    """Counts steps of 1 / fps; RequestError unless fps is a positive finite number."""

    def __init__(self, fps: float) -> None:
        if not (math.isfinite(fps) and fps > 0):
            raise RequestError(f"pictures per second must be a positive number, not {fps}")
        self._fps, self._last = fps, -math.inf

    def take(self, time: float) -> bool:
        """Whether the picture at `time` seconds is the first in a new step; times must grow."""
        step = math.floor((time + ROUNDING) * self._fps)
        if step <= self._last:
            return False
        self._last = step
        return True
