"""Recordings made of arrays, for tests of tracking: portraits that move, leave, cross and are cut between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mien.analysis.media.recording import Recording, Stream


@dataclass
class Picture:
    """A Frame over an RGB array."""

    time: float
    pixels: np.ndarray
    before: Picture | None = None

    @property
    def size(self):
        return self.pixels.shape[1], self.pixels.shape[0]

    def rgb(self, width=None):
        image = Image.fromarray(self.pixels)
        if width and width != image.width:
            image = image.resize((width, max(1, round(image.height * width / image.width))))
        return np.asarray(image)

    def grey(self, width=None):
        return np.asarray(Image.fromarray(self.rgb(width)).convert("L"))


class Film:
    """A Source of pictures at a given rate; each is also the one before the next."""

    def __init__(self, pictures: Iterable[np.ndarray], step: float = 0.2) -> None:
        self._pictures, self._step = pictures, step

    def frames(self, fps: float) -> Iterator[Picture]:
        last = None
        for number, pixels in enumerate(self._pictures):
            picture = Picture(number * self._step, pixels, last)
            yield picture
            last = Picture(picture.time, pixels)

    def audio(self, rate):
        return iter(())

    cues = signals = lambda self: iter(())


def film(pictures: Iterable[np.ndarray], step: float = 0.2) -> Recording:
    return Recording("film", "video", None, (Stream("video", "raw", 0.0, None),), Film(pictures, step))


def portrait(samples: Path, name: str, height: int) -> np.ndarray:
    image = Image.open(samples / "faces" / f"{name}.jpg").convert("RGB")
    return np.asarray(image.resize((round(image.width * height / image.height), height)))


def placed(*parts: tuple[np.ndarray, int, int], size: tuple[int, int] = (640, 360), ground: int = 90) -> np.ndarray:
    """Portraits at x, y on a grey picture; the later ones in front."""
    canvas = Image.new("RGB", size, (ground, ground, ground))
    for pixels, x, y in parts:
        canvas.paste(Image.fromarray(pixels), (x, y))
    return np.asarray(canvas)
