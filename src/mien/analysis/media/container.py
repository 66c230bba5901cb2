"""A file as FFmpeg's libraries see it: opened safely, its streams, and the one clock that all of them share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.stream import Disposition

from mien.analysis.media.promise import stated_length
from mien.analysis.media.recording import Stream
from mien.analysis.media.tail import adts_length, broken_off
from mien.errors import InputError

FIRST_PACKETS = 500
"""Packets searched for one that decodes before a file is called unreadable: ten seconds of damage at its start."""


PIXELS = 8192 * 8192
"""Most pixels of a picture of a video: above 8K, below what a damaged header may ask for."""
RATES = (1000, 1_000_000)
"""Sample rates in Hz that are believed: a damaged header with another one would ask for gigabytes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which streams are read and on what clock.

    video, audio, subtitle: stream indices or None; origin: seconds on the file's own clock that are 0 on ours, the
    earliest start of sound or picture; duration: seconds from there, None if the file does not say; promised: the
    same where sound and picture state it themselves (not guessed from the bit rate), so that less means a cut file;
    broken: why the end of the file says that it is cut off, where no length is stated; format: short name of the
    container; still: a single picture in a container of its own; aspect: width of one
    sample of the picture over its height; bitmaps: it has subtitles, but only as pictures of text.
    """

    video: int | None
    audio: int | None
    subtitle: int | None
    origin: float
    duration: float | None
    promised: float | None
    broken: str | None
    format: str
    still: bool
    aspect: float
    bitmaps: bool
    streams: tuple[Stream, ...]


@contextmanager
def opened(path: str, named: str | None = None) -> Iterator[Any]:
    """The container, closed afterwards. InputError (naming the file as the user did) where it cannot be opened.

    Only this one local file may be read: a container must not make us fetch what it points to.
    """
    try:
        container = av.open("file:" + os.path.abspath(path), metadata_errors="replace", options=_OPTIONS)
    except (av.FFmpegError, OSError, ValueError, UnicodeError) as error:
        raise InputError(named or path, "", _why(error)) from None
    with container:
        yield container


_OPTIONS = {"protocol_whitelist": "file"}


def study(path: str, named: str) -> Layout:
    """Look at a file's streams and decode the first piece of each; InputError where nothing can be read."""
    with opened(path, named) as container:
        chosen = video, audio, subtitle = _choose(container)
        if chosen == (None, None, None):
            raise InputError(named, "", "holds no sound, picture or subtitles that can be decoded")
        turns = _first_pieces(container, named, [index for index in (video, audio) if index is not None])
        origin = _origin(container, video, audio)
        duration, promised = _lengths(container, origin)
        stated = stated_length(path, container.format.name)
        promised = promised if stated is None else max(promised or 0.0, stated)
        names = container.format.name
        if names == "aac":  # guessed from the bit rate, and often wrong by half
            duration = adts_length(path) or duration
        return Layout(
            *chosen,
            origin=origin,
            duration=duration,
            promised=promised,
            broken=broken_off(path, names.split(",")[0]),
            format=names.split(",")[0],
            still=names.endswith("_pipe") or names == "image2",
            aspect=1.0 if video is None else float(container.streams[video].sample_aspect_ratio or 1),
            bitmaps=subtitle is None and any(_codec(s) in BITMAP_SUBTITLES for s in container.streams.subtitles),
            streams=tuple(_describe(s, origin, turns.get(s.index, 0)) for s in container.streams if s.type in _KINDS),
        )


_KINDS = {"video": "video", "audio": "audio", "subtitle": "subtitle"}
BITMAP_SUBTITLES = frozenset({"dvd_subtitle", "dvb_subtitle", "hdmv_pgs_subtitle", "xsub"})
"""Subtitles that are pictures of text; no text can be taken from them."""


def bound(stream: Any) -> None:
    """Keep a stream that changes its size on the way from asking for more than `PIXELS`."""
    if stream.type == "video":
        stream.codec_context.options = {"max_pixels": str(PIXELS)}


def seconds(pts: int | None, time_base: Fraction | None) -> float | None:
    """A time stamp in seconds, or None where the file gives none."""
    # The same as float(pts * time_base), twenty times as fast: this runs for every packet.
    return None if pts is None or time_base is None else pts * time_base.numerator / time_base.denominator


def is_cover(stream: Any) -> bool:
    """Whether a video stream is only the picture on the sleeve of a sound file."""
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _choose(container: Any) -> tuple[int | None, int | None, int | None]:
    videos = [stream for stream in container.streams.video if not is_cover(stream) and _decodable(stream)]
    audios = [stream for stream in container.streams.audio if _decodable(stream)]
    texts = [stream for stream in container.streams.subtitles if _codec(stream) not in BITMAP_SUBTITLES]
    # The largest picture is the film, the others are thumbnails or alternative qualities.
    video = max(videos, key=lambda s: (_default(s), s.width * s.height), default=None)
    audio = max(audios, key=_default, default=None)
    text = max(texts, key=_default, default=None)
    return tuple(None if stream is None else stream.index for stream in (video, audio, text))  # type: ignore[return-value]


def _default(stream: Any) -> bool:
    return bool(stream.disposition & Disposition.default)


def _decodable(stream: Any) -> bool:
    if stream.codec_context is None:
        return False
    if stream.type == "audio":
        return bool(RATES[0] <= stream.codec_context.sample_rate <= RATES[1])
    return bool(0 < stream.codec_context.width * stream.codec_context.height <= PIXELS)


def _first_pieces(container: Any, named: str, wanted: list[int]) -> dict[int, int]:
    """Decode until every wanted stream gave something; returns the rotation (degrees counter-clockwise) of each."""
    if not wanted:
        return {}
    turns: dict[int, int] = {}
    packets = 0
    for index in wanted:
        bound(container.streams[index])
    with suppress(av.FFmpegError, OSError):
        for packet in container.demux([container.streams[index] for index in wanted]):
            packets += packet.size > 0
            with suppress(av.FFmpegError):
                for frame in packet.decode():
                    turns[packet.stream_index] = getattr(frame, "rotation", 0)
            if len(turns) == len(wanted) or packets > FIRST_PACKETS:
                break
    if turns:
        return turns
    if packets == 0:
        raise InputError(named, "", "has a header but no sound and no picture after it (an unfinished recording?)")
    raise InputError(named, "", "nothing in it can be decoded; it is damaged or no recording")


_STATED = frozenset(["mov", "matroska", "avi", "wav", "w64", "flac", "aiff", "asf", "flv", "ogg", "caf", "au"])
"""Containers whose header or index states the length; others have it guessed from the bit rate."""


def _lengths(container: Any, origin: float) -> tuple[float | None, float | None]:
    """(duration, promised) of a Layout."""
    ends = [end for s in container.streams if s.type in ("audio", "video") and (end := _end(s)) is not None]
    whole = None
    if container.duration:
        whole = (container.duration + (container.start_time or 0)) / av.time_base
    last = min((end for end in (whole, max(ends, default=None)) if end is not None), default=None)
    if last is None:
        return None, None
    duration = max(0.0, last - origin)
    stated = container.format.name.split(",")[0] in _STATED and (bool(ends) or not container.streams.subtitles)
    return duration, duration if stated else None


def _origin(container: Any, video: int | None, audio: int | None) -> float:
    indices = [index for index in (video, audio) if index is not None] or [stream.index for stream in container.streams]
    starts = [seconds(container.streams[i].start_time, container.streams[i].time_base) for i in indices]
    return min((start for start in starts if start is not None), default=0.0)


def _end(stream: Any) -> float | None:
    length = seconds(stream.duration, stream.time_base)
    if length is None:
        return _clock_text(stream.metadata.get("DURATION", ""))
    return length + (seconds(stream.start_time, stream.time_base) or 0.0)


def _clock_text(text: str) -> float | None:
    """Matroska's "00:01:02.500000000" in seconds."""
    parts = text.split(":")
    try:
        return float(parts[0]) * 3600 + float(parts[1]) * 60 + float(parts[2]) if len(parts) == 3 else None
    except ValueError:
        return None


def _describe(stream: Any, origin: float, turn: int) -> Stream:
    start, end = seconds(stream.start_time, stream.time_base), _end(stream)
    begin = 0.0 if start is None else start - origin
    kind = "image" if stream.type == "video" and is_cover(stream) else _KINDS[stream.type]
    length = None if end is None else max(0.0, end - origin - begin)
    return Stream(
        kind, _codec(stream), round(begin, 6), length if length is None else round(length, 6), _facts(stream, turn)
    )


def _facts(stream: Any, turn: int) -> tuple[tuple[str, str | int | float], ...]:
    context = stream.codec_context
    facts: list[tuple[str, str | int | float]] = []
    if stream.type == "audio" and context is not None:
        facts += [("rate", context.sample_rate), ("channels", context.layout.nb_channels)]
    if stream.type == "video" and context is not None:
        facts += [("width", context.width), ("height", context.height)]
        if stream.average_rate:
            facts.append(("fps", round(float(stream.average_rate), 3)))
        if turn:
            facts.append(("rotation", turn))
    if stream.language and stream.language != "und":
        facts.append(("language", stream.language))
    if title := stream.metadata.get("title"):
        facts.append(("title", title))
    return tuple(facts)


def _codec(stream: Any) -> str:
    return stream.codec_context.name if stream.codec_context is not None else "unknown"


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "cannot be read (permission denied)"
    if isinstance(error, av.InvalidDataError):
        return "is not audio, video, an image or a text that can be read, or its beginning is damaged"
    return f"cannot be opened ({getattr(error, 'strerror', None) or error})"
