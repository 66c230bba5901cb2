"""Pictures of a video, chosen by their own presentation time, two decoded frames in memory at a time."""

from __future__ import annotations

from collections.abc import Generator

from mien.analysis.media.container import Layout
from mien.analysis.media.decode import decode
from mien.analysis.media.notices import note
from mien.analysis.media.picture import Scaler, VideoPicture
from mien.analysis.media.recording import Notice
from mien.analysis.media.seek import BELOW, Decoded, jump
from mien.analysis.media.steps import Steps


def read_frames(
    path: str, named: str, layout: Layout, fps: float, notices: list[Notice]
) -> Generator[VideoPicture, None, None]:
    """At most `fps` pictures a second in time order, each with the one decoded just before it.

    The first picture at or after each step of 1 / fps is taken; where the file has fewer, all of them are.
    """
    steps = Steps(fps)
    if layout.video is None:
        return
    scaler = Scaler()
    found: Decoded | None = None
    before: Decoded | None = None
    if fps < BELOW and layout.promised is not None:
        for found, previous, last in jump(path, named, layout, fps):
            steps.take(found[0])
            yield _picture(found, previous, scaler, layout)
            if last:
                return
    for stamp, frame in decode(path, named, layout, layout.video, notices):
        time = stamp if stamp is not None else _guess(before, layout)
        if before is not None and time <= before[0]:
            continue
        found = (time, frame)
        if steps.take(time):
            yield _picture(found, before, scaler, layout)
        before = found
    if found is None:
        note(notices, "no_frames", "the picture stream holds no picture that can be decoded")


def _picture(found: Decoded, before: Decoded | None, scaler: Scaler, layout: Layout) -> VideoPicture:
    turn = round(found[1].rotation / 90) % 4
    previous = None if before is None else VideoPicture(*before, scaler, turn, layout.aspect)
    return VideoPicture(*found, scaler, turn, layout.aspect, previous)


def _guess(before: Decoded | None, layout: Layout) -> float:
    """The time of a frame without a time stamp: one frame of the stream's usual rate after the last one."""
    rates = [float(v) for s in layout.streams if s.kind == "video" for k, v in s.facts if k == "fps"]
    return 0.0 if before is None else before[0] + 1.0 / (rates[0] if rates and rates[0] > 0 else 25.0)
