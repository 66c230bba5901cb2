"""Raw material of a clip: its sound, or its picture."""

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


def sound(clip: Clip) -> NDArray[np.float32]:
    """Mono float32 at 16 kHz of the clip or its part; pauses are silence, a film without sound gives no samples.

    InputError for a file that is no recording.
    """
    from mien.analysis.media.reader import open_recording

    start, end = clip.start or 0.0, clip.end
    end = min(end if end is not None else start + LONGEST, start + LONGEST)
    pieces: list[tuple[int, NDArray[np.float32]]] = []
    recording = open_recording(clip.path)
    if recording.kind not in ("audio", "video"):
        raise InputError(clip.path, "", f"is no recording of sound (it reads as {recording.kind})")
    for block in recording.audio(RATE):
        if block.start >= end:
            break
        first = round((block.start - start) * RATE)
        values = block.samples[max(0, -first) : max(0, round((end - block.start) * RATE))]
        if len(values):
            pieces.append((max(first, 0), values))
    wave = np.zeros(max((at + len(values) for at, values in pieces), default=0), np.float32)
    for at, values in pieces:
        wave[at : at + len(values)] = values
    return wave


def picture(clip: Clip) -> NDArray[np.uint8]:
    """H x W grey of a still picture, upright."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        raw = clip.content if clip.content is not None else Path(clip.path).read_bytes()
        with Image.open(io.BytesIO(raw)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise InputError(clip.path, "", f"has {image.width} x {image.height} pixels; 64 million are read")
            return np.asarray(ImageOps.exif_transpose(image).convert("L"))
    except UnidentifiedImageError:
        raise InputError(clip.path, "", "is no picture that can be read; an encoder of pictures takes stills") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(clip.path, "", f"cannot be read ({error})") from None
