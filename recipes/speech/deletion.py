"""Is what `told` points at what the network goes by? Leave it out and see.

    python recipes/speech/deletion.py DATA

Of 300 clips of TEST speakers, three tenths of the sound are cut out: those that tell most for the label on top, those
that tell least, and any. Printed: by how much the label's probability falls on average, through the shipped file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from bank import load
from corpora import LABELS, SHIPPED, walk

from mien.analysis.media.sound import active_bounds
from mien.analysis.senses.speech import classify

STEP = 1280  # samples of 80 ms
SHARE = 0.3


def without(sound: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The sound with these steps cut out."""
    keep = np.ones(len(sound), bool)
    for step in steps:
        keep[step * STEP : (step + 1) * STEP] = False
    return sound[keep]


def main() -> None:
    rng = np.random.default_rng(0)
    clips = [clip for clip in walk(Path(sys.argv[1])) if clip.part == "test" and clip.label in LABELS[:SHIPPED]]
    falls: dict[str, list[float]] = {"tells most": [], "any": [], "tells least": []}
    for place in rng.choice(len(clips), 300, replace=False):
        sound = load(clips[place])
        start, stop = active_bounds(sound)
        sound = sound[start:stop][:64_000]
        reading = classify([sound])
        top = int(reading.probabilities[0].argmax())
        told = np.convolve(reading.told[0][:, top], np.ones(3) / 3, "same")
        size = max(1, round(SHARE * len(told)))
        orders = {"tells most": np.argsort(-told), "any": rng.permutation(len(told)), "tells least": np.argsort(told)}
        for name, order in orders.items():
            left = classify([without(sound, order[:size])]).probabilities[0, top]
            falls[name].append(float(reading.probabilities[0, top] - left))
    for name, values in falls.items():
        spread = np.std(values) / np.sqrt(len(values))
        print(f"{name:<12} {np.mean(values):+.3f} (standard error {spread:.3f})")


if __name__ == "__main__":
    main()
