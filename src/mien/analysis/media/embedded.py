"""Subtitles that travel inside a video, as captions on the video's clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import av

from mien.analysis.media.container import Layout, opened, seconds
from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Notice

_OVERRIDE = re.compile(r"\{[^{}]*\}|\\h")  # {\i1}, {\an8}: how it looks; \h is a hard space
_BREAK = re.compile(r"\\[nN]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def read_subtitles(path: str, named: str, layout: Layout, notices: list[Notice]) -> Iterator[Caption]:
    """The text of the subtitle stream (the one marked default, else the first), in time order."""
    if layout.bitmaps:
        note(notices, "picture_subtitles", "the subtitles inside are pictures of text and cannot be read")
    if layout.subtitle is None:
        return
    with opened(path, named) as container:
        stream = container.streams[layout.subtitle]
        language = stream.language if stream.language not in (None, "und") else None
        try:
            for packet in container.demux(stream):
                yield from _captions(packet, layout.origin, language, notices)
        except (av.FFmpegError, OSError) as error:
            note(notices, "truncated", f"the subtitles break off: {error}")


def _captions(packet: Any, origin: float, language: str | None, notices: list[Notice]) -> Iterator[Caption]:
    start = seconds(packet.pts, packet.time_base)
    if start is None or packet.size == 0:
        return
    length = seconds(packet.duration, packet.time_base) or 0.0
    try:
        parts = packet.decode()
    except av.FFmpegError as error:
        note(notices, "corrupt", f"a subtitle cannot be decoded: {error}", start - origin)
        return
    for part in parts:
        speaker, text = ass_line(part)
        if text:
            yield Caption(start - origin, start - origin + length, text, speaker, language, source="subtitle")


def ass_line(part: object) -> tuple[str | None, str]:
    """(speaker or None, plain text) of what the decoder gives: `ReadOrder,Layer,Style,Name,L,R,V,Effect,Text`."""
    raw = getattr(part, "ass", b"") or getattr(part, "text", b"")
    line = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    fields = line.split(",", 8)
    if len(fields) == 9 and fields[0].strip().isdigit():
        return fields[3].strip() or None, plain(fields[8])
    return None, plain(line)


def plain(text: str) -> str:
    """Subtitle text without override codes and tags, line breaks as spaces."""
    text = _OVERRIDE.sub(" ", _BREAK.sub(" ", text))
    return " ".join(_TAG.sub("", text).split())
