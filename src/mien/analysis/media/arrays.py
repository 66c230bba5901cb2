"""NumPy arrays as recordings: sound, a picture, or a video that is already in memory."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.audio import Samples, check_rate, place, tidy
from mien.analysis.media.notices import note
from mien.analysis.media.picture import ArrayPicture, Pixels, Scaler
from mien.analysis.media.recording import AudioBlock, Caption, Notice, Recording, Signal, Stream
from mien.analysis.media.steps import Steps
from mien.errors import InputError, RequestError

NAME = "<array>"
_CHANNELS = 64  # more than any microphone array: the shorter side of a 2-D sound is its channels
_PIECE = 1.0  # seconds fed to the resampler at once


def open_array(array: NDArray[Any], rate: float | None) -> Recording:
    """A Recording of an array.

    With rate: (n,), (n, channels) or (channels, n) sound at `rate` Hz, integers scaled by their full range;
    (T, H, W) or (T, H, W, 3) video at `rate` pictures a second. Without: (H, W) or (H, W, 1|3|4) a picture.
    Pictures are uint8, uint16 or floats in [0, 1]. RequestError where shape and rate do not fit together.
    """
    if array.dtype.kind not in "uifb":
        raise InputError(NAME, "", f"holds {array.dtype}; sound and pictures are numbers (uint8, int16, float32, ...)")
    if array.size == 0:
        raise InputError(NAME, "", f"is empty (shape {array.shape})")
    notices: list[Notice] = []
    if rate is None:
        return _picture(array, notices)
    if not (math.isfinite(rate) and rate > 0):
        raise RequestError(f"rate must be a positive number, not {rate}")
    if array.ndim <= 2:
        return _sound(array, rate, notices)
    return _film(array, rate, notices)


@dataclass(frozen=True, slots=True, eq=False)
class ArraySource:
    """What an array can offer: `samples` (n,) float32 at `rate`, or `pictures` (T, ...) at `rate` a second."""

    rate: float
    notices: list[Notice]
    samples: Samples | None = None
    pictures: NDArray[Any] | None = None
    scaler: Scaler = field(default_factory=Scaler)

    def audio(self, rate: int) -> Iterator[AudioBlock]:
        """Mono blocks at `rate` Hz."""
        check_rate(rate)
        if self.samples is not None:
            yield from place(_pieces(self.samples, round(self.rate)), rate, self.notices)

    def frames(self, fps: float) -> Iterator[ArrayPicture]:
        """Pictures in time order, at most `fps` a second."""
        steps = Steps(fps)
        for index in range(0 if self.pictures is None else len(self.pictures)):
            if steps.take(index / self.rate):
                before = self._picture(index - 1) if index else None
                picture = self._picture(index)
                yield ArrayPicture(picture.time, picture.pixels, self.scaler, before)

    def cues(self) -> Iterator[Caption]:
        """Nothing: an array has no text."""
        return iter(())

    def signals(self) -> Iterator[Signal]:
        """Nothing: give wearable signals as a file with named columns."""
        return iter(())

    def digest(self) -> str:
        """SHA-256 (hex) of the numbers, their shape and rate."""
        held = self.samples if self.samples is not None else self.pictures
        assert held is not None
        total = hashlib.sha256(f"{held.dtype.str} {held.shape} {self.rate!r}\n".encode())
        for part in [held] if held.ndim == 1 else held:  # piecewise: a long video is not copied as a whole
            total.update(np.ascontiguousarray(part).data)
        return total.hexdigest()

    def _picture(self, index: int) -> ArrayPicture:
        assert self.pictures is not None
        return ArrayPicture(index / self.rate, eight_bits(self.pictures[index], self.notices), self.scaler)


def eight_bits(array: NDArray[Any], notices: list[Notice]) -> Pixels:
    """H x W or H x W x 3 uint8 from any numeric picture; an alpha channel is dropped."""
    if array.ndim == 3:
        array = array[:, :, 0] if array.shape[2] <= 2 else array[:, :, :3]
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype.kind == "b":
        return np.where(array, np.uint8(255), np.uint8(0))
    values = array.astype(np.float64)
    if not np.isfinite(values).all():
        note(notices, "not_finite", "pixels that are no numbers were replaced by black")
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    if array.dtype.kind == "f":
        full = 1.0 if top <= 1.0 else 255.0
    else:
        full = 65535.0 if array.dtype == np.uint16 or top > 255 else 255.0
    return np.clip(np.round(values * (255.0 / full)), 0, 255).astype(np.uint8)


def mono(array: NDArray[Any], notices: list[Notice]) -> Samples:
    """(n,) float32 in [-1, 1]: integers by their full range, floats as they are, divided by their peak if far above."""
    if array.ndim == 2:
        channels = int(np.argmin(array.shape))
        if array.shape[channels] > _CHANNELS:
            raise RequestError(f"an array of shape {array.shape} with a rate is no sound; give (n,) or (n, channels)")
    if array.dtype.kind == "f":
        samples = array.astype(np.float32)
    elif array.dtype.kind == "b":
        raise RequestError("true and false are no sound; give integers or floats")
    else:
        info = np.iinfo(array.dtype)
        middle = 0.0 if info.min < 0 else (info.max + 1) / 2
        samples = ((array.astype(np.float64) - middle) / (info.max + 1 - middle)).astype(np.float32)
    if not np.isfinite(samples).all():
        note(notices, "not_finite", "samples that are no numbers were replaced by silence")
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    if samples.ndim == 2:
        samples = samples.mean(axis=channels, dtype=np.float32)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > 2.0:
        note(notices, "scaled", f"samples reach {peak:.3g}; they were divided by that to lie in [-1, 1]")
        samples = samples / np.float32(peak)
    return tidy(samples, 0.0, notices)


def _sound(array: NDArray[Any], rate: float, notices: list[Notice]) -> Recording:
    if array.ndim == 0:
        raise RequestError("a single number is no recording; give (n,) sound or an (H, W, 3) picture")
    check_rate(round(rate))
    samples = mono(array, notices)
    channels = min(array.shape) if array.ndim == 2 else 1
    length = len(samples) / round(rate)
    stream = Stream("audio", f"array {array.dtype}", 0.0, length, (("rate", round(rate)), ("channels", channels)))
    return Recording(NAME, "audio", length, (stream,), ArraySource(rate, notices, samples=samples), notices=notices)


def _picture(array: NDArray[Any], notices: list[Notice]) -> Recording:
    if array.ndim == 1:
        raise RequestError("sound in an array needs its rate: give rate=16000 (Hz)")
    if array.ndim == 4:
        raise RequestError("a video in an array needs its rate: give rate=25 (pictures a second)")
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] in (1, 3, 4)):
        raise RequestError(f"an array of shape {array.shape} is no picture; give (H, W) or (H, W, 3)")
    facts = (("width", array.shape[1]), ("height", array.shape[0]))
    stream = Stream("image", f"array {array.dtype}", 0.0, None, facts)
    return Recording(NAME, "image", None, (stream,), ArraySource(1.0, notices, pictures=array[None]), notices=notices)


def _film(array: NDArray[Any], rate: float, notices: list[Notice]) -> Recording:
    if array.ndim == 3 and array.shape[2] == 3 and array.shape[1] > 3:
        raise RequestError(f"an array of shape {array.shape} looks like one picture; leave rate out, or add an axis")
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[3] not in (1, 3, 4)):
        raise RequestError(f"an array of shape {array.shape} is no video; give (T, H, W) or (T, H, W, 3)")
    facts = (("width", array.shape[2]), ("height", array.shape[1]), ("fps", rate))
    length = len(array) / rate
    stream = Stream("video", f"array {array.dtype}", 0.0, length, facts)
    return Recording(NAME, "video", length, (stream,), ArraySource(rate, notices, pictures=array), notices=notices)


def _pieces(samples: Samples, rate: int) -> Iterator[tuple[float, Any]]:
    size = max(1, round(_PIECE * rate))
    for begin in range(0, len(samples), size):
        piece = np.ascontiguousarray(samples[begin : begin + size])[None]
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate = rate
        yield begin / rate, frame
