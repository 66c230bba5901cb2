"""Segment scores told frame by frame, and the challenge's submission file (NumPy only)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.systems.ras_compound.windows import windows

Fill = Literal["video", "official"]

HEADER = (
    "image_location,Fearfully_Surprised,Happily_Surprised,Sadly_Surprised,Disgustedly_Surprised,Angrily_Surprised,"
    "Sadly_Fearful,Sadly_Angry"
)
"""Seven names, though every row holds one label."""


@dataclass(frozen=True, slots=True)
class Video:
    """duration in seconds; fps: frames a second."""

    duration: float
    fps: float


def segment_spans(name: str, video: Video, *, official: bool = False, **cut: float) -> dict[str, tuple[int, int]]:
    """Segment name ("a___0000.mp4" of "a.mp4") -> its first and last frame, counted from 1; cut: options of `windows`.

    official: the last frame is floor(end x fps) + 1, one beyond the end where that is whole; else the last frame that
    begins before the end.
    """
    stem, dot, suffix = name.rpartition(".")
    stem = stem or name
    found = {}
    for place, (start, end) in enumerate(windows(video.duration, **cut)):
        first = int(start * video.fps) + 1
        last = int(end * video.fps) + 1 if official else int(np.ceil(round(end * video.fps, 6)))
        found[f"{stem}___{place:04d}{dot}{suffix if dot else ''}"] = (first, max(first, last))
    return found


def frame_scores(
    videos: Mapping[str, Video], segments: Mapping[str, Sequence[float]], *, official: bool = False, **cut: float
) -> dict[str, NDArray[np.float64]]:
    """Frame ("a/00001.jpg") -> mean score of the segments that cover it; a frame no segment covers is not there.

    RequestError names a segment that no video has.
    """
    sums: dict[str, NDArray[np.float64]] = {}
    counts: dict[str, int] = {}
    left = set(segments)
    for name, video in videos.items():
        for segment, (first, last) in segment_spans(name, video, official=official, **cut).items():
            left.discard(segment)
            for frame in range(first, last + 1) if segment in segments else ():
                key = f"{name.rpartition('.')[0] or name}/{frame:05d}.jpg"
                sums[key] = sums.get(key, 0.0) + np.asarray(segments[segment], float)
                counts[key] = counts.get(key, 0) + 1
    if left:
        raise RequestError(f"no video has the segment {min(left)}; videos: {', '.join(videos) or 'none'}")
    return {key: total / counts[key] for key, total in sums.items()}


def frame_labels(
    frames: Iterable[str], scores: Mapping[str, NDArray[np.float64]], *, fill: Fill = "video"
) -> dict[str, int]:
    """The label of each wanted frame, in their order: the first highest score; frames without one are filled.

    fill: "video" takes the last label of the same video, or its first where none came before; "official" takes the
    last label of whatever video stood before. RequestError names a frame that nothing can fill.
    """
    labels: dict[str, int | None] = {
        frame: int(np.argmax(scores[frame])) if frame in scores else None for frame in frames
    }
    first: dict[str, int] = {}
    for frame, label in labels.items():
        if label is not None:
            first.setdefault(_video(frame), label)
    filled: dict[str, int] = {}
    last: int | None = None
    before = None
    for frame, label in labels.items():
        if fill == "video" and _video(frame) != before:
            last, before = first.get(_video(frame)), _video(frame)
        last = last if label is None else label
        if last is None:
            raise RequestError(f"no segment gives a label to {frame}, nor to a frame it could be filled from")
        filled[frame] = last
    return filled


def submission(labels: Mapping[str, int]) -> list[str]:
    """The lines of the submission file, header first."""
    return [HEADER, *(f"{frame},{label}" for frame, label in labels.items())]


def _video(frame: str) -> str:
    return frame.rpartition("/")[0]
