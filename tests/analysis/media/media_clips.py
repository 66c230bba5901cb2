"""Tricky recordings made on the spot: nothing here is a real person, so nothing but times and pixels is claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MILLI = Fraction(1, 1000)


def picture(index: int, width: int = 160, height: int = 120) -> np.ndarray:
    """A grey picture whose brightness tells its index, with a white bar along its top."""
    pixels = np.full((height, width, 3), 20 + index * 7 % 200, np.uint8)
    pixels[: height // 6] = 255
    return pixels


def tone(seconds: float, rate: int, hertz: float = 440.0) -> np.ndarray:
    """(n,) float32 sine at a quarter of full scale."""
    return (0.25 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def write_video(
    path: Path,
    times: Iterable[float],
    *,
    sound: tuple[float, float] | None = None,
    codec: str = "mpeg4",
    size: tuple[int, int] = (160, 120),
    prepare: Callable[[av.VideoStream], None] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A video with one picture at each time, and a tone over [start, end) seconds if `sound` says so."""
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=1000)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = MILLI
        stream.codec_context.gop_size = 12
        if prepare is not None:
            prepare(stream)
        voice = None if sound is None else container.add_stream("aac", rate=16000, layout="mono")
        packets = []
        for index, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(index, *size), format="rgb24")
            frame.pts, frame.time_base = round(time * 1000), MILLI
            packets += stream.encode(frame)
        packets += stream.encode(None)
        if voice is not None and sound is not None:
            packets += _sound_packets(voice, *sound)
        for packet in sorted(packets, key=lambda p: float((p.dts or 0) * p.time_base)):
            container.mux(packet)
    return path


def _sound_packets(voice: av.AudioStream, start: float, end: float) -> list[av.Packet]:
    wave = tone(end - start, 16000)
    packets = []
    for at in range(0, len(wave) - 1023, 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, at : at + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 16000, round(start * 16000) + at, Fraction(1, 16000)
        packets += voice.encode(frame)
    return packets + voice.encode(None)


def write_sound(path: Path, samples: np.ndarray, rate: int, codec: str, form: str, layout: str = "mono") -> Path:
    """A sound file; samples as PyAV wants them for `form` (planar: (channels, n), packed: (1, n * channels))."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        size = stream.codec_context.frame_size or samples.shape[1]
        packed = 1 if form.endswith("p") else stream.codec_context.layout.nb_channels
        for at in range(0, samples.shape[1], size * packed):
            piece = np.ascontiguousarray(samples[:, at : at + size * packed])
            frame = av.AudioFrame.from_ndarray(piece, format=form, layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, at // packed, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def heard(recording, rate: int = 16000) -> tuple[float, np.ndarray]:
    """(start, all samples) of a recording whose sound has no gap."""
    blocks = list(recording.audio(rate))
    assert all(block.samples.dtype == np.float32 and block.samples.ndim == 1 for block in blocks)
    return (blocks[0].start, np.concatenate([block.samples for block in blocks])) if blocks else (0.0, np.zeros(0))


def codes(recording) -> list[str]:
    """The codes of a recording's notices, each once."""
    return sorted({notice.code for notice in recording.notices})
