"""Disturbances of raw material: pure functions on waveforms and pictures, each with a level (no torch).

Waveforms are (n,) float32 mono in [-1, 1]; pictures (h, w) or (h, w, 3), uint8 or float.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError

Wave = NDArray[np.float32]
CODECS = {
    "mp3": ("mp3", "libmp3lame"),
    "opus": ("ogg", "libopus"),
    "aac": ("adts", "aac"),
    "telephone": ("wav", "pcm_mulaw"),
}
"""Name -> container and encoder; telephone is 8 kHz mu-law, which has no choice of bit rate."""


def add_noise(wave: Wave, decibels: float, rng: np.random.Generator) -> Wave:
    """White noise at this signal-to-noise ratio (dB, over the whole waveform); silence stays silent."""
    power = float(np.mean(np.square(wave, dtype=np.float64))) if len(wave) else 0.0
    noise = rng.normal(0, np.sqrt(power / 10 ** (decibels / 10)), len(wave))
    return (wave + noise).astype(np.float32)


def amplify(wave: Wave, decibels: float) -> Wave:
    """Louder (above 0 dB, clipped at full scale as a recorder does) or quieter."""
    louder: Wave = np.clip(wave * 10 ** (decibels / 20), -1, 1).astype(np.float32)
    return louder


def through_codec(wave: Wave, rate: int, codec: str, kilobits: float = 16) -> Wave:
    """Encoded and decoded again, as long as before; codec: a key of `CODECS`; kilobits: a second.

    RequestError for another codec, or one that this build of PyAV lacks.
    """
    import av

    if codec not in CODECS:
        raise RequestError(f"no codec {codec!r}; allowed: {', '.join(CODECS)}")
    if not len(wave):
        return wave
    container, encoder = CODECS[codec]
    coded = {"telephone": 8000, "opus": 48000}.get(codec, rate)
    store = io.BytesIO()
    try:
        with av.open(store, "w", format=container) as out:
            stream: Any = out.add_stream(encoder, rate=coded)
            stream.layout = "mono"
            if codec != "telephone":
                stream.bit_rate = round(1000 * kilobits)
            frame: Any = av.AudioFrame.from_ndarray(_whole(wave), format="s16", layout="mono")
            frame.sample_rate = rate
            ready = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=coded,
                                      frame_size=stream.codec_context.frame_size or 0)  # fmt: skip
            for part in [*ready.resample(frame), *ready.resample(None)]:
                out.mux(stream.encode(part))
            out.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise RequestError(f"codec {codec} at {kilobits:g} kbit/s and {rate} Hz: {error}") from None
    store.seek(0)
    parts = []
    back = av.AudioResampler(format="flt", layout="mono", rate=rate)
    source: Any
    with av.open(store) as source:
        for one in source.decode(audio=0):
            parts += [piece.to_ndarray()[0] for piece in back.resample(one)]
        parts += [piece.to_ndarray()[0] for piece in back.resample(None)]
    heard = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    heard = heard[_delay(wave, heard) :][: len(wave)]
    return np.pad(heard, (0, len(wave) - len(heard))).astype(np.float32)


def _whole(wave: Wave) -> NDArray[np.int16]:
    return np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16)[None]


def _delay(wave: Wave, heard: Wave, most: int = 4096) -> int:
    """Samples that an encoder put before the start: where both fit best; 0 where both are silent."""
    long = min(len(wave), len(heard), 1 << 16)
    if long < 2:
        return 0
    size = 1 << (2 * long).bit_length()
    fit = np.fft.irfft(np.fft.rfft(heard[:long], size) * np.conj(np.fft.rfft(wave[:long], size)), size)
    return int(fit[:most].argmax()) if fit[:most].max() > 0 else 0


def occlude(picture: NDArray[Any], share: float, rng: np.random.Generator) -> NDArray[Any]:
    """A grey rectangle of the picture's own shape over this share of its area, anywhere inside it."""
    high, wide = picture.shape[:2]
    rows, columns = round(high * np.sqrt(share)), round(wide * np.sqrt(share))
    top, left = int(rng.integers(0, high - rows + 1)), int(rng.integers(0, wide - columns + 1))
    found = picture.copy()
    found[top : top + rows, left : left + columns] = 128 if picture.dtype == np.uint8 else picture.mean()
    return found


def dropped(steps: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(steps,) bool: which frames are kept where this share is lost; the first is always kept."""
    kept = rng.random(steps) >= share
    kept[:1] = True
    return kept
