"""Opening anything: file, wearable's folder, stdin, file-like object, array; decided by content, not by name."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.inputs import content_digest, find_inputs
from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Notice, Recording, RecordingKind, Stream
from mien.analysis.media.spool import Spool, real_file
from mien.errors import InputError, RequestError

__all__ = ["Input", "content_digest", "find_inputs", "open_recording"]

Input = str | os.PathLike[str] | BinaryIO | NDArray[Any]
"""What can be opened."""
STDIN = "<stdin>"
Sidecars = Literal["use", "ignore"]


def open_recording(
    source: Input,
    *,
    rate: float | None = None,
    transcript: str | os.PathLike[str] | None = None,
    sidecars: Sidecars = "use",
) -> Recording:
    """A Recording of whatever `source` is, its streams read lazily.

    source: a path; "-" or a binary stream (copied to a temporary file that goes away with the Recording); a NumPy
    array (see `open_array`, which says what `rate` means). rate: also the Hz of a wearable table without times.
    transcript: a file whose captions take the place of those that the recording itself carries; without it a sidecar
    of the same name (clip.srt beside clip.mp4) is used where there is one, unless `sidecars` is "ignore".
    Raises InputError in one line where nothing can be read, RequestError where the request makes no sense.
    """
    recording = _open(source, rate)
    if transcript is not None:
        return _with_captions(recording, os.fspath(transcript), needed=True)
    if sidecars == "use" and recording.kind in ("audio", "video") and not recording.path.startswith("<"):
        from mien.analysis.media.captions import find_sidecar

        beside = find_sidecar(recording.path)
        return recording if beside is None else _with_captions(recording, str(beside), needed=False)
    return recording


def _open(source: Input, rate: float | None) -> Recording:
    if isinstance(source, np.ndarray):
        from mien.analysis.media.arrays import open_array

        return open_array(source, rate)
    if isinstance(source, str | os.PathLike) and os.fspath(source) != "-":
        return _open_path(os.fspath(source), str(source), None, rate)
    stream: Any = sys.stdin.buffer if isinstance(source, str | os.PathLike) else source
    if not hasattr(stream, "read"):
        raise RequestError(f"a recording is a path, a binary stream or a NumPy array, not {type(source).__name__}")
    if (path := real_file(stream)) is not None:
        return _open_path(str(path), str(path), None, rate)
    if hasattr(stream, "seekable") and stream.seekable():
        stream.seek(0)
    named = STDIN if stream is getattr(sys.stdin, "buffer", None) else "<stream>"
    spool = Spool(stream, named)
    return _open_path(spool.path, named, spool, rate)


def _open_path(path: str, named: str, spool: Spool | None, rate: float | None) -> Recording:
    from mien.analysis.media.sniff import TEXT_FORMATS, document_kind, sniff

    notices: list[Notice] = []
    if os.path.isdir(path):
        return _open_folder(path, named, rate)
    head = _head(path, named)
    if (document := document_kind(head)) is not None:
        raise InputError(named, "", f"is {document}, which is not read; save its words as plain text (.txt)")
    form = sniff(named if spool is None else path, head)
    if form == "wearable" or (form == "text" and rate is not None):
        from mien.analysis.media.wearable import open_wearable

        recording = open_wearable(path, named=named, rate=rate)
    elif form == "image":
        recording = _open_image(path, named, spool, notices)
    elif form in TEXT_FORMATS:
        recording = _open_text(path, named, spool, form)
    elif form == "xml":
        raise InputError(named, "", "is XML or HTML of a kind that is not read; allowed of XML: ELAN (.eaf)")
    else:
        recording, form = _open_media(path, named, spool, notices)
    if spool is None:
        _tell_ending(recording, form)
    return recording


def _head(path: str, named: str) -> bytes:
    from mien.analysis.media.sniff import HEAD

    try:
        if not os.path.isfile(path) and os.path.exists(path):
            raise InputError(named, "", "is no regular file; pipe it into standard input and name it -")
        with open(path, "rb") as stream:
            head = stream.read(HEAD)
    except FileNotFoundError:
        raise InputError(named, "", "no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(named, "", f"cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if not head:
        raise InputError(named, "", "is empty")
    return head


def _open_folder(path: str, named: str, rate: float | None) -> Recording:
    from mien.analysis.media.wearable import is_wearable, open_wearable

    try:
        os.listdir(path)
    except OSError as error:
        raise InputError(named, "", f"cannot be read ({error.strerror or error})") from None
    if is_wearable(path):
        return open_wearable(path, named=named, rate=rate)
    raise InputError(
        named, "", "is a folder but no wearable export; name the files in it, or let find_inputs list them"
    )


def _open_media(path: str, named: str, spool: Spool | None, notices: list[Notice]) -> tuple[Recording, str]:
    from mien.analysis.media.container import study
    from mien.analysis.media.sources import MediaSource

    layout = study(path, named)
    kind: RecordingKind = "audio" if layout.video is None else "image" if layout.still else "video"
    if layout.video is None and layout.audio is None:
        kind = "text"
    source = MediaSource(path, named, layout, notices, spool)
    duration = None if kind == "image" else layout.duration
    return Recording(named, kind, duration, layout.streams, source, notices=notices), layout.format


def _open_image(path: str, named: str, spool: Spool | None, notices: list[Notice]) -> Recording:
    from mien.analysis.media.image import animation_length, inspect_image
    from mien.analysis.media.sources import ImageSource

    facts = inspect_image(path, named, notices)
    source = ImageSource(path, named, facts, notices, spool)
    moving = facts.frames > 1
    duration = animation_length(path, named) if moving else None
    size: tuple[tuple[str, int], ...] = (("width", facts.width), ("height", facts.height))
    stream = Stream("video" if moving else "image", facts.format.lower(), 0.0, duration, size)
    return Recording(named, "video" if moving else "image", duration, (stream,), source, notices=notices)


def _open_text(path: str, named: str, spool: Spool | None, form: str) -> Recording:
    from mien.analysis.media.captions import read_script
    from mien.analysis.media.sources import ListSource

    script = read_script(path, named, form)
    captions = script.captions
    duration = max((caption.end for caption in captions), default=0.0)
    kind: RecordingKind = "dialogue" if any(caption.speaker for caption in captions) else "text"
    source = ListSource(captions, path=path, spool=spool)
    stream = _text_stream(form, captions)
    return Recording(named, kind, duration, (stream,), source, script.clock, notices=list(script.notices))


def _with_captions(recording: Recording, path: str, *, needed: bool) -> Recording:
    """The recording with the captions of a file in the place of its own; an unreadable sidecar is only noted."""
    from mien.analysis.media.captions import read_captions
    from mien.analysis.media.sources import Captioned

    try:
        captions, notices = read_captions(path, duration=recording.duration)
    except InputError as error:
        if needed:
            raise
        note(recording.notices, "sidecar", f"{Path(path).name} lies beside it but is not used: {error.why}")
        return recording
    for notice in notices:
        text = f"{Path(path).name}: {notice.text}"
        note(recording.notices, notice.code, text, notice.start, notice.end)
    stream = _text_stream(Path(path).name, captions)
    only_who = not any(caption.text for caption in captions)
    source = Captioned(recording.source, tuple(captions), added=only_who)
    return replace(recording, streams=(*recording.streams, stream), source=source)


def _text_stream(name: str, captions: list[Caption] | tuple[Caption, ...]) -> Stream:
    start = min((caption.start for caption in captions), default=0.0)
    end = max((caption.end for caption in captions), default=0.0)
    people = len({caption.speaker for caption in captions if caption.speaker})
    facts: list[tuple[str, str | int | float]] = [("lines", len(captions))]
    if people:
        facts.append(("speakers", people))
    return Stream("text", name, start, end - start, tuple(facts))


def _tell_ending(recording: Recording, form: str) -> None:
    from mien.analysis.media.endings import mismatch

    if (text := mismatch(recording.path, form)) is not None:
        note(recording.notices, "wrong_extension", text)
