"""Still and animated images through Pillow: sized before any pixel is read, upright, in 8 bits, never clipped."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mien.analysis.media.notices import note
from mien.analysis.media.picture import ArrayPicture, Pixels, Scaler
from mien.analysis.media.recording import Notice
from mien.analysis.media.steps import Steps
from mien.errors import InputError

PIXELS = 100_000_000
"""Most pixels of an image (10,000 x 10,000, 300 MB as RGB): above the largest cameras, below what harms a laptop."""
SIDE = 4000
"""A photograph in JPEG is read at about this size if it is larger: its faces are still hundreds of pixels wide."""
FRAME_TIME = 0.1
"""Seconds that a frame of an animation is shown where the file says 0, as browsers do."""
_MOVING = frozenset({"GIF", "PNG", "WEBP", "AVIF"})  # others with several pictures hold pages, not time


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image's header says: format ("PNG"), width and height as shown, number of frames over time."""

    format: str
    width: int
    height: int
    frames: int


def inspect_image(path: str, named: str, notices: list[Notice]) -> ImageFacts:
    """Read the header only; InputError for a damaged image or one of more than `PIXELS` pixels."""
    with _open(path, named) as image:
        count = int(getattr(image, "n_frames", 1))
        moving = count > 1 and image.format in _MOVING
        if count > 1 and not moving and image.format != "MPO":
            note(notices, "pages", f"the image has {count} pages; the first is read")
        width, height = image.size
        # A PNG looks for EXIF behind its pixels, which a look at the header must not decode.
        stated = image.format != "PNG" or "exif" in image.info
        if stated and image.getexif().get(0x0112, 1) in (5, 6, 7, 8):
            width, height = height, width
        return ImageFacts(str(image.format), width, height, count if moving else 1)


def read_image(path: str, named: str, notices: list[Notice]) -> Pixels:
    """The picture: H x W (grey) or H x W x 3 uint8, upright."""
    with _open(path, named) as image:
        if max(image.size) > SIDE:
            share = SIDE / max(image.size)  # JPEG decodes smaller at once; other formats ignore it
            image.draft(None, (int(image.width * share), int(image.height * share)))
        _load(image, notices)
        return _eight_bits(ImageOps.exif_transpose(image))


def read_animation(path: str, named: str, fps: float, notices: list[Notice]) -> Iterator[ArrayPicture]:
    """The frames of a GIF, APNG, WebP or AVIF animation at their own times, at most `fps` a second."""
    steps, scaler, time = Steps(fps), Scaler(), 0.0
    before: ArrayPicture | None = None
    with _open(path, named) as image:
        for index in range(int(getattr(image, "n_frames", 1))):
            try:
                image.seek(index)
                image.load()
            except (OSError, EOFError, SyntaxError, ValueError) as error:
                note(notices, "truncated", f"the animation breaks off at frame {index + 1}: {error}", time)
                return
            picture = ArrayPicture(time, _eight_bits(image), scaler)
            if steps.take(time):
                yield ArrayPicture(time, picture.pixels, scaler, before)
            before = picture
            time += float(image.info.get("duration") or 0) / 1000 or FRAME_TIME


def animation_length(path: str, named: str) -> float:
    """Seconds that all frames of an animation last together."""
    total = 0.0
    with _open(path, named) as image:
        for index in range(int(getattr(image, "n_frames", 1))):
            try:
                image.seek(index)
                if image.format in ("WEBP", "AVIF"):
                    image.load()  # their times come with the pixels
            except (OSError, EOFError, SyntaxError, ValueError):
                break
            total += float(image.info.get("duration") or 0) / 1000 or FRAME_TIME
    return total


@contextmanager
def _open(path: str, named: str) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is judged here, not by Pillow's warning
            image = Image.open(path)
    except Image.DecompressionBombError:
        raise _too_large(named, "more than 179 million") from None
    except UnidentifiedImageError:
        raise InputError(named, "", "is a damaged image, or of a kind that cannot be read") from None
    except (OSError, ValueError, SyntaxError, OverflowError, EOFError) as error:
        raise InputError(named, "", f"cannot be read as an image ({error})") from None
    with image:
        if image.width * image.height > PIXELS:
            raise _too_large(named, f"{image.width} x {image.height}")
        try:
            yield image
        except (OSError, ValueError, SyntaxError, OverflowError, EOFError, Image.DecompressionBombError) as error:
            raise InputError(named, "", f"is a damaged image ({error})") from None


def _too_large(named: str, size: str) -> InputError:
    return InputError(named, "", f"the image has {size} pixels; at most {PIXELS // 10**6} million are read: shrink it")


def _load(image: Any, notices: list[Notice]) -> None:
    """Decode the pixels; of a cut-off file those that are there, the rest stays black."""
    try:
        image.load()
    except OSError as error:
        if getattr(image, "_im", None) is None:  # nothing was decoded at all
            raise
        image.tile = []  # what is decoded so far is the picture
        image.load()
        note(notices, "truncated", f"the image is cut off; the missing part is black ({error})")


def _eight_bits(image: Image.Image) -> Pixels:
    """H x W or H x W x 3 uint8; transparent parts lie on mid grey, so that they make no false edges of their own."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _from_deep(np.asarray(image))
    if image.mode in ("1", "L"):
        return np.ascontiguousarray(np.asarray(image.convert("L")))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (128, 128, 128, 255))
        image = Image.alpha_composite(ground, image)
    return np.ascontiguousarray(np.asarray(image.convert("RGB")))


def _from_deep(values: NDArray[np.generic]) -> Pixels:
    """16 bits and deeper scaled to 8, where Pillow itself would clip."""
    deep = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = float(deep.max(initial=0.0))
    full = (
        1.0 if top <= 1.0 and values.dtype.kind == "f" else 255.0 if top <= 255.0 else 65535.0 if top <= 65535 else top
    )
    return np.clip(np.round(deep * (255.0 / full)), 0, 255).astype(np.uint8)
