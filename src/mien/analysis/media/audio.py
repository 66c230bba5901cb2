"""Sound as mono blocks at the asked rate, each at its own place in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.container import Layout
from mien.analysis.media.decode import decode
from mien.analysis.media.notices import note
from mien.analysis.media.recording import AudioBlock, Notice
from mien.errors import RequestError

Samples = NDArray[np.float32]

BLOCK = 2.0
"""Seconds in a block: enough to work on at once, little to hold."""
SLACK = 0.05
"""Seconds that time stamps may differ from the counted samples before they are believed (rounding, small drift)."""
TOLD_GAP = 0.5
"""Gaps of at least so many seconds are worth a notice; every gap shows in the start of the block after it."""
TOLD_OVERLAP = 0.2
"""Overlaps of at least so many seconds are worth a notice; joined files often overlap by a codec's padding."""
LOUD = 2.0
"""Peaks above this are no overshoot of a codec but a wrong scale, worth a notice."""
_USUAL = frozenset({"3.0", "quad", "4.0", "5.0", "5.0(side)", "5.1", "5.1(side)", "6.1", "7.1", "7.1(wide)"})
RATES = (1000, 384_000)
"""Sample rates that can be asked for, in Hz."""


def read_audio(path: str, named: str, layout: Layout, rate: int, notices: list[Notice]) -> Iterator[AudioBlock]:
    """Mono float32 blocks in [-1, 1] at `rate` Hz of about two seconds; nothing where there is no sound."""
    check_rate(rate)
    if layout.audio is None:
        return
    yield from place(decode(path, named, layout, layout.audio, notices), rate, notices)


def check_rate(rate: int) -> None:
    """RequestError unless `rate` can be asked for."""
    if not RATES[0] <= rate <= RATES[1]:
        raise RequestError(f"a sample rate of {rate} Hz cannot be made; give {RATES[0]} to {RATES[1]}")


def place(frames: Iterator[tuple[float | None, Any]], rate: int, notices: list[Notice]) -> Iterator[AudioBlock]:
    """Blocks made of decoded frames with their times: gaps leave a gap, what overlaps is cut, nothing before 0."""
    line = _Line(rate, notices)
    for time, frame in frames:
        frame = _mended(frame, time, notices)
        if frame.samples == 0:
            continue
        expected = line.next_in
        if time is None:
            time = 0.0 if expected is None else expected
        if expected is None or time > expected + SLACK or line.differs(frame):
            if expected is not None and time >= expected + TOLD_GAP:
                note(notices, "gap", f"the sound pauses for {time - expected:.1f} s in the file", expected, time)
            yield from line.finish()
            line.begin(time if expected is None or time > expected + SLACK else expected)
        elif time < expected - SLACK:
            if time <= expected - TOLD_OVERLAP:
                note(notices, "overlap", "pieces of sound overlap; the earlier one is kept", time, expected)
            frame = _tail(frame, round((expected - time) * frame.sample_rate))
            if frame is None:
                continue
        yield from line.feed(frame)
    yield from line.finish()


class _Line:
    """A stretch of sound without a gap: frames in, blocks of mono at the asked rate out."""

    def __init__(self, rate: int, notices: list[Notice]) -> None:
        self._rate, self._notices = rate, notices
        self._resampler: av.AudioResampler | None = None
        self._kind: tuple[str, str, int] | None = None
        self._parts: list[Samples] = []
        self._start, self._held, self._given, self._taken = 0.0, 0, 0, 0.0

    @property
    def next_in(self) -> float | None:
        """Where the next frame should begin (seconds), None before the first."""
        return None if self._resampler is None else self._start + self._taken

    def differs(self, frame: Any) -> bool:
        """Whether the frame has another format than the stretch, so that a new one must begin."""
        return self._kind is not None and self._kind != _kind(frame)

    def begin(self, start: float) -> None:
        """Begin a stretch at `start` seconds."""
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=self._rate)
        self._kind, self._parts, self._start = None, [], start
        self._held, self._given, self._taken = 0, 0, 0.0

    def feed(self, frame: Any) -> Iterator[AudioBlock]:
        """Take a frame; give the block that is full, if any."""
        assert self._resampler is not None
        self._kind = _kind(frame)
        self._taken += frame.samples / frame.sample_rate
        frame.pts = None  # the stretch counts samples itself; the resampler must not judge time stamps
        try:
            self._hold(self._resampler.resample(_mixed(frame)))
        except av.FFmpegError as error:
            note(
                self._notices,
                "corrupt",
                f"a piece of the sound cannot be converted and is left out: {error}",
                self._start,
            )
        if self._held >= BLOCK * self._rate:
            yield from self._release()

    def finish(self) -> Iterator[AudioBlock]:
        """Give what is left of the stretch."""
        if self._resampler is not None and self._kind is not None:
            with suppress(av.FFmpegError):  # told when the piece came in
                self._hold(self._resampler.resample(None))
            yield from self._release()

    def _hold(self, frames: list[Any]) -> None:
        for frame in frames:
            samples = np.asarray(frame.to_ndarray(), np.float32).reshape(-1)
            self._parts.append(samples)
            self._held += len(samples)

    def _release(self) -> Iterator[AudioBlock]:
        if not self._held:
            return
        samples = np.concatenate(self._parts)
        start = self._start + self._given / self._rate
        self._given += len(samples)
        self._parts, self._held = [], 0
        early = min(len(samples), max(0, round(-start * self._rate)))
        if early < len(samples):
            yield AudioBlock(start + early / self._rate, tidy(samples[early:], start, self._notices))


def tidy(samples: Samples, start: float, notices: list[Notice]) -> Samples:
    """Finite samples in [-1, 1]: what is no number becomes silence, what is louder is cut; both are noted."""
    if not np.isfinite(samples).all():
        note(notices, "not_finite", "samples that are no numbers were replaced by silence", start)
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > LOUD:
        note(notices, "clipped", f"samples reach {peak:.3g} times full scale and were cut at 1", start)
    return np.clip(samples, -1.0, 1.0) if peak > 1.0 else samples


def _kind(frame: Any) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _mended(frame: Any, time: float | None, notices: list[Notice]) -> Any:
    """The frame without NaN or infinities, which resampling would smear over their neighbours."""
    if frame.format.name not in ("flt", "dbl"):  # as stored in a file; codecs give planar samples
        return frame
    samples = frame.to_ndarray()
    if np.isfinite(samples).all():
        return frame
    note(notices, "not_finite", "samples that are no numbers were replaced by silence", time)
    return _like(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), frame)


def _mixed(frame: Any) -> Any:
    """The frame, as the mean of its channels where they have no usual layout to be mixed by."""
    count = frame.layout.nb_channels
    if count <= 2 or frame.layout.name in _USUAL:
        return frame
    values = frame.to_ndarray()
    values = values if frame.format.is_planar else values.reshape(-1, count).T
    if values.dtype.kind in "iu":
        info = np.iinfo(values.dtype)
        middle = 0.0 if info.min < 0 else (info.max + 1) / 2
        values = (values - middle) / (info.max + 1 - middle)
    made = av.AudioFrame.from_ndarray(values.mean(axis=0, dtype=np.float32)[None], format="flt", layout="mono")
    made.sample_rate = frame.sample_rate
    return made


def _tail(frame: Any, skip: int) -> Any:
    """The frame without its first `skip` samples, None if nothing is left."""
    if skip >= frame.samples:
        return None
    samples = frame.to_ndarray()
    channels = 1 if frame.format.is_planar else frame.layout.nb_channels
    return _like(np.ascontiguousarray(samples[:, skip * channels :]), frame)


def _like(samples: NDArray[Any], frame: Any) -> Any:
    made = av.AudioFrame.from_ndarray(samples, format=frame.format.name, layout=frame.layout.name)
    made.sample_rate = frame.sample_rate
    return made
