"""Clips -> banks of log-mel frames on disk: one clean, one degraded; made once, read by every run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from corpora import Clip, walk
from degrade import add_noise, band_limit, degrade
from numpy.typing import NDArray
from scipy.signal import resample_poly

from mien.analysis.media.sound import log_mel, set_level, trim_edges

RATE = 16_000
LONGEST = 6 * RATE


def load(clip: Clip) -> NDArray[np.float32]:
    """The clip as 16 kHz mono, edges cut (35 dB under the peak frame, 0.08 s kept), active RMS 0.05."""
    return set_level(trim_edges(load_path(clip.path)))[:LONGEST]


def load_path(path: Path) -> NDArray[np.float32]:
    """A sound file as 16 kHz mono, as it is."""
    rate, wave = _decode(path)
    if rate != RATE:
        ratio = np.gcd(RATE, rate)
        wave = resample_poly(wave, RATE // ratio, rate // ratio).astype(np.float32)
    return wave


def _decode(path: Path) -> tuple[int, NDArray[np.float32]]:
    """Sample rate and mono samples, channels averaged (one TESS file is AIFF under the name .wav)."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        parts = [f.to_ndarray() for frame in container.decode(stream) for f in resampler.resample(frame)]
        return stream.rate, np.concatenate(parts, axis=1).mean(axis=0)


@dataclass(frozen=True, slots=True)
class Bank:
    """Log-mel frames of all clips end to end: frames (n, 64) float16; clip i is [offsets[i], offsets[i+1])."""

    frames: NDArray[np.float16]
    offsets: NDArray[np.int64]

    def clip(self, index: int) -> NDArray[np.float32]:
        """(frames, 64) float32 of one clip."""
        return self.frames[self.offsets[index] : self.offsets[index + 1]].astype(np.float32)


def open_bank(folder: Path, name: str) -> Bank:
    """A bank written by this script: `clean`, `degraded`, and for tests `telephone` and `noise10`;
    `waves` holds the prepared samples as int16 instead of frames."""
    return Bank(np.load(folder / f"{name}.npy", mmap_mode="r"), np.load(folder / f"{name}.offsets.npy"))


def build(clips: list[Clip], folder: Path, *, seed: int = 0) -> None:
    """Writes all banks; the two test conditions hold EMO-DB only (other clips are one frame)."""
    variants: dict[str, list[NDArray[np.float16]]] = {"clean": [], "degraded": [], "telephone": [], "noise10": []}
    waves: list[NDArray[np.int16]] = []
    for index, clip in enumerate(clips):
        rng = np.random.default_rng([seed, index])
        wave = load(clip)
        waves.append(np.round(wave.clip(-1, 1) * 32767).astype(np.int16))
        variants["clean"].append(log_mel(wave).astype(np.float16))
        variants["degraded"].append(log_mel(degrade(wave, rng)).astype(np.float16))
        for name, worse in (("telephone", lambda w: band_limit(w, 300, 3400)), ("noise10", None)):
            if clip.corpus != "emodb":
                variants[name].append(np.zeros((1, 64), np.float16))
                continue
            made = worse(wave) if worse else add_noise(wave, 10.0, rng, colour=0.0)
            variants[name].append(log_mel(made).astype(np.float16))
    folder.mkdir(parents=True, exist_ok=True)
    variants["waves"] = waves  # type: ignore[assignment]
    for name, parts in variants.items():
        np.save(folder / f"{name}.npy", np.concatenate(parts))
        np.save(folder / f"{name}.offsets.npy", np.concatenate([[0], np.cumsum([len(p) for p in parts])]))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path, help="folder with emodb/ ravdess/ nemo/ tess/ baved/")
    arguments.add_argument("work", type=Path, help="where the banks are written (about 1 GB)")
    options = arguments.parse_args()
    build(walk(options.data), options.work)
