"""Opening anything: a file, a folder of a wearable, stdin, a file-like object, an array. Decided by content, not by name."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from mien.analysis.media.notices import note
from mien.analysis.media.recording import Notice, Recording, Stream
from mien.errors import InputError, RequestError

STDIN = "<stdin>"


def open_recording(source: Any, *, rate: float | None = None, transcript: str | os.PathLike[str] | None = None) -> Recording:
    """A Recording of whatever `source` is, its streams read lazily.

    source: a path; "-" or a binary stream (copied to a temporary file that goes away with the Recording); a NumPy
    array (see `open_array`, which says what `rate` means). rate: also the Hz of a wearable table without times.
    transcript: a file whose captions take the place of what the recording itself carries; without it a sidecar of the
    same name (clip.srt beside clip.mp4) is taken if there is one.
    Raises InputError in one line where nothing can be read, RequestError where the request makes no sense.
    """
    if isinstance(source, np.ndarray):
        from mien.analysis.media.arrays import open_array

        return open_array(source, rate)
    if isinstance(source, str | os.PathLike) and os.fspath(source) != "-":
        return _open_path(os.fspath(source), str(source), None, rate)
    from mien.analysis.media.spool import Spool, real_file

    stream = sys.stdin.buffer if isinstance(source, str) else source
    if not hasattr(stream, "read"):
        raise RequestError(f"a recording is a path, a binary stream or a NumPy array, not {type(source).__name__}")
    if (path := real_file(stream)) is not None:
        return _open_path(str(path), str(path), None, rate)
    named = STDIN if isinstance(source, str) or stream is sys.stdin.buffer else "<stream>"
    spool = Spool(stream, named)
    return _open_path(spool.path, named, spool, rate)


def _open_path(path: str, named: str, spool: Any, rate: float | None) -> Recording:
    notices: list[Notice] = []
    if not os.path.exists(path):
        raise InputError(named, "", "no such file")
    if os.path.getsize(path) == 0:
        raise InputError(named, "", "is empty")
    head = Path(path).open("rb").read(64)
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        return _open_image(path, named, spool, notices)
    return _open_media(path, named, spool, notices)


def _open_media(path: str, named: str, spool: Any, notices: list[Notice]) -> Recording:
    from mien.analysis.media.container import study
    from mien.analysis.media.sources import MediaSource

    layout = study(path, named)
    kind: Any = "audio" if layout.video is None else "image" if layout.still else "video"
    source = MediaSource(path, named, layout, notices, spool)
    return Recording(named, kind, layout.duration, layout.streams, source, notices=notices)


def _open_image(path: str, named: str, spool: Any, notices: list[Notice]) -> Recording:
    from mien.analysis.media.image import animation_length, inspect_image
    from mien.analysis.media.sources import ImageSource

    facts = inspect_image(path, named, notices)
    source = ImageSource(path, named, facts, notices, spool)
    moving = facts.frames > 1
    duration = animation_length(path, named) if moving else None
    size = (("width", facts.width), ("height", facts.height))
    stream = Stream("video" if moving else "image", facts.format.lower(), 0.0, duration, size)
    return Recording(named, "video" if moving else "image", duration, (stream,), source, notices=notices)
