"""How the recording gets into the page: beside it by a relative link, inside it when small, or not at all."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from urllib.parse import quote

from mien.analysis.result import Analysis

EMBED = 1_500_000
"""Bytes: larger recordings are never put inside the page."""
PLAYED = ("video", "audio", "image")

_TYPES = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".mkv": "video/webm",
    ".ogv": "video/ogg", ".mp3": "audio/mpeg", ".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg",
    ".opus": "audio/ogg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
    ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif", ".bmp": "image/bmp",
}  # fmt: skip


def beside(analysis: Analysis, page: str | os.PathLike[str]) -> str | None:
    """Link from a report at `page` to the recording, relative where they share a drive; None where nothing is played.

    None with hidden faces, for text and wearables, and where the recording is no file that is still there.
    """
    path = Path(analysis.recording.path)
    if shows_faces(analysis) or analysis.recording.kind not in PLAYED or not path.is_file():
        return None
    try:
        link = os.path.relpath(path.resolve(), Path(page).resolve().parent)
    except ValueError:  # another drive
        return path.resolve().as_uri()
    return "./" + quote(Path(link).as_posix())


def embedded(analysis: Analysis, limit: int = EMBED) -> str | None:
    """The recording as a data URI if it is a picture, sound or film of at most `limit` bytes; else None."""
    path = Path(analysis.recording.path)
    kind = _TYPES.get(path.suffix.lower())
    if shows_faces(analysis) or kind is None or not path.is_file() or path.stat().st_size > limit:
        return None
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def shows_faces(analysis: Analysis) -> bool:
    """Whether the recording itself must stay out of the page: faces are hidden and it is not sound alone."""
    return analysis.pictures.faces_hidden and analysis.recording.kind != "audio"
