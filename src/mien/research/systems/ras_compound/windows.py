"""Four seconds, every two seconds; a tail of at least one second is kept, a short clip stays whole."""

from __future__ import annotations

import math

from mien.errors import RequestError


def windows(duration: float, *, window: float = 4.0, hop: float = 2.0, least: float = 1.0) -> list[tuple[float, float]]:
    """(start, end) in seconds of a clip of that duration (ICCVW_25 @40bd572, slice_audio).

    A clip no longer than the window is one window, even when it is shorter than `least`. RequestError for a duration
    that is negative or no number, a window or hop that is not above 0.
    """
    if not math.isfinite(duration) or duration < 0 or window <= 0 or hop <= 0:
        raise RequestError(f"duration must be 0 or more, window and hop above 0; got {duration}, {window}, {hop}")
    if duration <= window:
        return [(0.0, duration)]
    found, start = [], 0.0
    while start + window < duration:
        found.append((start, start + window))
        start += hop
    if duration - start >= least:
        found.append((start, duration))
    return found
