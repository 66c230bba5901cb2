"""Raw material of a clip: its sound, its picture, or its frames."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError
from mien.research.samples import Clip

RATE = 16_000
LONGEST = 3600.0
"""Seconds of one clip that are read."""
_MOST_PIXELS = 64_000_000
FPS, MOST_FRAMES = 2.0, 240
"""Frames a second of a film, and how many of one clip: a longer one is sampled more thinly."""


def sound(clip: Clip) -> NDArray[np.float32]:
    """Mono float32 at 16 kHz of the clip or its part; pauses are silence, a film without sound gives no samples.

    InputError for a file that is no recording, or that breaks off before the end it promises.
    """
    from mien.analysis.media.reader import open_recording

    start, end = clip.start or 0.0, clip.end
    end = min(end if end is not None else start + LONGEST, start + LONGEST)
    pieces: list[tuple[int, NDArray[np.float32]]] = []
    recording = open_recording(clip.path, sidecars="ignore")
    if recording.kind not in ("audio", "video"):
        raise InputError(clip.path, "", f"is no recording of sound (it reads as {recording.kind})")
    for block in recording.audio(RATE):
        if block.start >= end:
            break
        first = round((block.start - start) * RATE)
        values = block.samples[max(0, -first) : max(0, round((end - block.start) * RATE))]
        if len(values):
            pieces.append((max(first, 0), values))
    for notice in recording.notices:
        if notice.code == "truncated" and (notice.start or 0.0) < end:  # half an answer would be taken for the whole
            raise InputError(clip.path, "", f"{notice.text}; get it again, or leave it out")
    wave = np.zeros(max((at + len(values) for at, values in pieces), default=0), np.float32)
    for at, values in pieces:
        wave[at : at + len(values)] = values
    return wave


def picture(clip: Clip) -> NDArray[np.uint8]:
    """H x W grey of a still picture, upright."""
    return _still(clip, "L")


def frames(clip: Clip) -> NDArray[np.uint8]:
    """n x H x W x 3 RGB: a still as one frame, a film (or its part) at two a second.

    InputError for what is neither.
    """
    from mien.analysis.media.reader import open_recording

    if clip.content is not None or Path(clip.path).suffix.lower() in _STILLS:
        return _still(clip, "RGB")[None]
    recording = open_recording(clip.path, sidecars="ignore")
    if recording.kind not in ("video", "image"):
        raise InputError(clip.path, "", f"has no pictures (it reads as {recording.kind})")
    start = clip.start or 0.0
    end = clip.end if clip.end is not None else recording.duration or start + LONGEST
    fps = min(FPS, MOST_FRAMES / max(end - start, 1e-3))
    found: list[NDArray[np.uint8]] = []
    for frame in recording.frames(fps):
        if frame.time >= end and found:
            break
        if frame.time >= start - 0.5 / fps and len(found) < MOST_FRAMES:
            found.append(frame.rgb())
    if not found:
        raise InputError(clip.path, "", f"has no pictures between {start:g} and {end:g} s")
    return np.stack(found)


_STILLS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


def _still(clip: Clip, mode: str) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        raw = clip.content if clip.content is not None else Path(clip.path).read_bytes()
        with Image.open(io.BytesIO(raw)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise InputError(clip.path, "", f"has {image.width} x {image.height} pixels; 64 million are read")
            return np.asarray(ImageOps.exif_transpose(image).convert(mode))
    except UnidentifiedImageError:
        raise InputError(clip.path, "", "is no picture that can be read; an encoder of pictures takes stills") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(clip.path, "", f"cannot be read ({error})") from None
