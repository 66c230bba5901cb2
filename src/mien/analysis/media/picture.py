"""One picture of a recording: upright, converted only when somebody asks for its pixels."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from mien.errors import RequestError

Pixels = NDArray[np.uint8]


class Scaler:
    """Scaling and conversion through swscale, keeping one context per target size and format.

    A lock guards each context, because a frame may be looked at from another thread than the one that decodes.
    """

    def __init__(self) -> None:
        self._contexts: dict[tuple[int, int, str], VideoReformatter] = {}
        self._lock = threading.Lock()

    def convert(self, frame: av.VideoFrame, width: int, height: int, layout: str) -> Pixels:
        """The frame's pixels as `gray` (H, W) or `rgb24` (H, W, 3), full range whatever the source's range.

        Shrinking takes the mean of the area (no aliasing), enlarging is bilinear.
        """
        method = "AREA" if width < frame.width or height < frame.height else "BILINEAR"
        key = (width, height, layout)
        with self._lock:
            # Few sizes are ever asked for; an odd caller must not make the table grow.
            if key not in self._contexts and len(self._contexts) > 8:
                self._contexts.clear()
            context = self._contexts.setdefault(key, VideoReformatter())
            turned = context.reformat(frame, width, height, layout, interpolation=method)
            return _pixels(turned, 3 if layout == "rgb24" else 1)


@dataclass(frozen=True, slots=True, eq=False)
class VideoPicture:
    """A decoded frame of a video (see `Frame`). It keeps the decoder's buffer, so do not collect many of them.

    turn: quarter turns counter-clockwise that make it upright; aspect: width of one sample over its height.
    """

    time: float
    frame: av.VideoFrame = field(repr=False)
    scaler: Scaler = field(repr=False)
    turn: int = 0
    aspect: float = 1.0
    before: VideoPicture | None = field(default=None, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, upright and with square samples."""
        width, height = squared(self.frame.width, self.frame.height, self.aspect)
        return (height, width) if self.turn % 2 else (width, height)

    def grey(self, width: int | None = None) -> Pixels:
        """H x W luminance, full range, at the source size or `width` pixels wide."""
        return self._pixels(width, "gray")

    def rgb(self, width: int | None = None) -> Pixels:
        """H x W x 3 RGB at the source size or `width` pixels wide."""
        return self._pixels(width, "rgb24")

    def _pixels(self, width: int | None, layout: str) -> Pixels:
        wide, high = scaled(self.size, width)
        if self.turn % 2:
            wide, high = high, wide
        pixels = self.scaler.convert(self.frame, wide, high, layout)
        return np.ascontiguousarray(np.rot90(pixels, self.turn)) if self.turn else pixels


@dataclass(frozen=True, slots=True, eq=False)
class ArrayPicture:
    """A picture that is already in memory: H x W or H x W x 3 uint8, upright (see `Frame`)."""

    time: float
    pixels: Pixels = field(repr=False)
    scaler: Scaler = field(repr=False)
    before: ArrayPicture | None = field(default=None, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def grey(self, width: int | None = None) -> Pixels:
        """H x W luminance at the source size or `width` pixels wide."""
        return self._pixels(width, "gray")

    def rgb(self, width: int | None = None) -> Pixels:
        """H x W x 3 RGB at the source size or `width` pixels wide."""
        return self._pixels(width, "rgb24")

    def _pixels(self, width: int | None, layout: str) -> Pixels:
        wide, high = scaled(self.size, width)
        held = "gray" if self.pixels.ndim == 2 else "rgb24"
        if held == layout and (wide, high) == self.size:
            return self.pixels
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(self.pixels), format=held)
        return self.scaler.convert(frame, wide, high, layout)


def scaled(size: tuple[int, int], width: int | None) -> tuple[int, int]:
    """(width, height) after scaling to `width` pixels wide, at least one pixel high; RequestError for width < 1."""
    if width is None:
        return size
    if width < 1:
        raise RequestError(f"a picture cannot be {width} pixels wide; give 1 or more")
    return width, max(1, round(size[1] * width / size[0]))


def squared(width: int, height: int, aspect: float) -> tuple[int, int]:
    """(width, height) with square samples: the side that grows is stretched, none shrinks."""
    if not math.isfinite(aspect) or aspect <= 0 or abs(aspect - 1) < 0.02 or not 0.1 < aspect < 10:
        return width, height
    return (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))


def _pixels(frame: av.VideoFrame, channels: int) -> Pixels:
    """The first plane as an array of its own, without the padding at the end of each line."""
    plane: Any = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width * channels]
    shape = (frame.height, frame.width, channels) if channels > 1 else (frame.height, frame.width)
    return np.ascontiguousarray(rows).reshape(shape) if rows.strides[0] != rows.shape[1] else rows.copy().reshape(shape)
