"""Decoding one stream to its end, whatever is broken on the way, with what was lost told as notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av

from mien.analysis.media.container import Layout, bound, opened, seconds
from mien.analysis.media.notices import note
from mien.analysis.media.recording import Notice

SHORT = 0.5
"""Seconds that a file may end before its promised end without being called truncated (last frame, padding)."""
JUMP = 1.0
"""Seconds that time stamps may step back before they are taken for a new clock (joined tapes, restarted cameras)."""


def decode(
    path: str, named: str, layout: Layout, index: int, notices: list[Notice]
) -> Iterator[tuple[float | None, Any]]:
    """(time, frame) of one stream in decoding order, time on the recording's clock or None where the file gives none.

    Damage is skipped and noted ("corrupt"), an early end is noted ("truncated").
    """
    with opened(path, named) as container:
        stream = container.streams[index]
        bound(stream)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 0
        # The other stream is walked through too (not decoded): only both together tell where a cut file ends.
        walked = [container.streams[i] for i in (layout.video, layout.audio) if i is not None]
        reached, clock = 0.0, _Clock(layout.origin, notices)
        packets = container.demux(walked)
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError) as error:
                note(notices, "truncated", f"the file breaks off: {_reason(error)}", reached)
                return
            if packet is None:
                break
            at = seconds(packet.pts if packet.pts is not None else packet.dts, packet.time_base)
            if at is not None:
                reached = max(reached, at + (seconds(packet.duration, packet.time_base) or 0.0) - layout.origin)
            if packet.stream_index == index:
                for frame in _frames(packet, at, layout.origin, notices):
                    yield clock.read(seconds(frame.pts, frame.time_base)), frame
        if layout.promised is not None and reached < layout.promised - SHORT:
            text = f"the file ends at {reached:.1f} s but promises {layout.promised:.1f} s: it is cut off"
            note(notices, "truncated", text, reached, layout.promised)
        elif layout.broken:
            note(notices, "truncated", f"the file may be cut off at {reached:.1f} s: {layout.broken}", reached)


def _frames(packet: Any, at: float | None, origin: float, notices: list[Notice]) -> Iterator[Any]:
    kind, when = packet.stream.type, None if at is None else at - origin
    try:
        frames = packet.decode()
    except av.EOFError:
        return
    except av.FFmpegError as error:
        note(notices, "corrupt", f"a piece of the {kind} cannot be decoded and is left out: {_reason(error)}", when)
        return
    for frame in frames:
        if frame.is_corrupt:
            shown = seconds(frame.pts, frame.time_base)
            note(notices, "corrupt", f"a piece of the {kind} is damaged", when if shown is None else shown - origin)
        yield frame


class _Clock:
    """Turns the file's time stamps into the recording's, continuing where they start anew."""

    def __init__(self, origin: float, notices: list[Notice]) -> None:
        self._origin, self._notices = origin, notices
        self._last: float | None = None

    def read(self, stamp: float | None) -> float | None:
        if stamp is None:
            return None
        time = stamp - self._origin
        if self._last is not None and time < self._last - JUMP:
            note(self._notices, "clock", "the time stamps start anew here; times go on from the last one", self._last)
            self._origin = stamp - self._last
            time = self._last
        self._last = time
        return time


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
