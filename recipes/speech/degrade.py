"""Worse recordings made from clean ones: rooms, telephones, codecs, noise, in the waveform itself."""

from __future__ import annotations

import io

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Wave = NDArray[np.float32]


def degrade(wave: Wave, rng: np.random.Generator) -> Wave:
    """One random chain: room (p .4), noise 0-30 dB (p .6), band limit (p .6, half of them exactly 300-3400 Hz)
    with 8-bit companding in half of those, clipping (p .1). Keeps the length."""
    if rng.random() < 0.4:
        wave = reverberate(wave, rng)
    if rng.random() < 0.6:
        wave = add_noise(wave, rng.uniform(0, 30), rng)
    if rng.random() < 0.6:
        low, high = (300.0, 3400.0) if rng.random() < 0.5 else (rng.uniform(50, 400), rng.uniform(2500, 7500))
        wave = band_limit(wave, low, high)
        if rng.random() < 0.5:
            wave = compand(wave)
    if rng.random() < 0.1:
        limit = np.quantile(np.abs(wave), rng.uniform(0.95, 0.995))
        wave = np.clip(wave, -limit, limit)
    return wave.astype(np.float32)


def band_limit(wave: Wave, low: float, high: float) -> Wave:
    """Exact cut: everything outside low-high Hz is zero."""
    spectrum = np.fft.rfft(wave)
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    spectrum[(hertz < low) | (hertz > high)] = 0
    return np.fft.irfft(spectrum, len(wave)).astype(np.float32)


def add_noise(wave: Wave, snr: float, rng: np.random.Generator, *, colour: float | None = None) -> Wave:
    """Noise with spectrum 1/f^colour (random 0-1 amplitude slope) at the given ratio in dB to the whole clip."""
    slope = rng.uniform(0, 1) if colour is None else colour
    spectrum = np.fft.rfft(rng.standard_normal(len(wave)))
    hertz = np.maximum(np.fft.rfftfreq(len(wave), 1 / RATE), 60.0)
    noise = np.fft.irfft(spectrum * (hertz / 1000.0) ** -slope, len(wave))
    scale = np.sqrt(np.mean(np.square(wave)) / max(float(np.mean(noise**2)), 1e-12)) * 10 ** (-snr / 20)
    return (wave + scale * noise).astype(np.float32)


def reverberate(wave: Wave, rng: np.random.Generator) -> Wave:
    """A room of exponentially decaying noise: 0.15-0.9 s to -60 dB, direct sound 0-15 dB over the tail."""
    seconds = rng.uniform(0.15, 0.9)
    size = round(seconds * RATE)
    tail = rng.standard_normal(size) * 10 ** (-3.0 * np.arange(size) / size)
    tail *= 10 ** (-rng.uniform(0, 15) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    points = 1 << (len(wave) + size - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(wave, points) * np.fft.rfft(tail, points), points)
    return wet[: len(wave)].astype(np.float32)


def compand(wave: Wave) -> Wave:
    """8-bit mu-law at the clip's own peak, as on telephone lines."""
    peak = max(float(np.abs(wave).max()), 1e-9)
    coded = np.sign(wave) * np.log1p(255 * np.abs(wave) / peak) / np.log(256)
    coded = np.round(coded * 127) / 127
    return (np.sign(coded) * peak * np.expm1(np.abs(coded) * np.log(256)) / 255).astype(np.float32)


def codec(wave: Wave) -> Wave:
    """Through MP3 at 16 kbit/s and back, cut to the old length."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp3") as out:
        track = out.add_stream("libmp3lame", rate=16_000, layout="mono")
        track.bit_rate = 16_000
        frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), "fltp", "mono")
        frame.rate = 16_000
        for packet in [*track.encode(frame), *track.encode(None)]:
            out.mux(packet)
    stream.seek(0)
    with av.open(stream) as back:
        parts = [one.to_ndarray().reshape(-1) for one in back.decode(audio=0)]
    return np.concatenate(parts)[: len(wave)].astype(np.float32)
