"""Rare pictures of a long video: jump to each one instead of decoding everything between."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import av

from mien.analysis.media.container import Layout, bound, opened, seconds
from mien.analysis.media.steps import ROUNDING

BELOW = 0.2
"""Pictures a second under which jumping is cheaper than decoding (with a keyframe every few seconds)."""

Decoded = tuple[float, av.VideoFrame]


def jump(path: str, named: str, layout: Layout, fps: float) -> Iterator[tuple[Decoded, Decoded | None, bool]]:
    """(picture, the one before it, whether it is the last) for the first picture at or after each step of 1 / fps.

    Without a last one a jump failed, and the caller has to go on by plain decoding.
    """
    with opened(path, named) as container:
        stream = container.streams[layout.video]
        bound(stream)
        stream.thread_type = "AUTO"
        held, step = _first_from(container, stream, 0.0, layout), 0
        while held is not None and held[0] is not None:
            step = max(step + 1, math.ceil((held[0][0] + ROUNDING) * fps))
            following = _first_from(container, stream, step / fps, layout)
            yield held[0], held[1], following is not None and following[0] is None
            held = following


def _first_from(
    container: Any, stream: Any, target: float, layout: Layout
) -> tuple[Decoded | None, Decoded | None] | None:
    """(picture at or after the target or None at the end, the one before it); None where the jump failed."""
    before: Decoded | None = None
    if target > (layout.promised or 0.0):
        return None, None
    try:
        if target > 0:
            container.seek(math.floor((target + layout.origin) / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            stamp = seconds(frame.pts, frame.time_base)
            if stamp is None or frame.is_corrupt:
                return None
            time = stamp - layout.origin
            if time >= target - ROUNDING:
                # Landing behind the target without a picture before it means that the jump went too far.
                return None if before is None and target > 0 else ((time, frame), before)
            before = (time, frame)
    except (av.FFmpegError, OSError):
        return None
    return (None, before) if before is not None else None
