"""What `mien adapt` gives: the shipped network's last layer fitted to labelled clips of unseen speakers.

    python recipes/speech/adapting.py DATA

For each corpus the TEST speakers (the network heard none of them): 60 to 300 labelled clips fit the layer (`mien.analysis.adapt.fit`), the
others are asked. Mean recall over the corpus' labels, as shipped and adapted, five draws of the clips.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from bank import load
from corpora import LABELS, SHIPPED, walk
from measures import uar

from mien.analysis.adapt import fit
from mien.analysis.hidden import Material
from mien.analysis.senses.speech import MODEL, classify

SIZES = (60, 150, 300)
MOST = 500


def main() -> None:
    rng = np.random.default_rng(0)
    for corpus in ("emodb", "ravdess", "nemo"):
        clips = [
            c
            for c in walk(Path(sys.argv[1]))
            if c.corpus == corpus and c.part == "test" and c.label in LABELS[:SHIPPED]
        ]
        clips = [clips[i] for i in sorted(rng.permutation(len(clips))[:MOST])]
        reading = classify([load(c) for c in clips])
        truth = np.array([LABELS.index(str(c.label)) for c in clips])
        for size in SIZES:
            if size > len(clips) - 40:
                continue
            found = [_once(reading.probabilities, reading.hidden, truth, size, draw) for draw in range(5)]
            before, after = np.mean(found, axis=0)
            print(f"{corpus}: {size} clips: {before:.3f} as shipped, {after:.3f} adapted", flush=True)


def _once(
    probabilities: np.ndarray, hidden: np.ndarray, truth: np.ndarray, size: int, seed: int
) -> tuple[float, float]:
    order = np.random.default_rng(seed).permutation(len(truth))
    own, left = order[:size], order[size:]
    material = Material(probabilities[own], hidden[own].astype(np.float64), truth[own], np.arange(size), ())
    layer = fit(material, "audio", MODEL).adapted
    told = probabilities[left] if layer is None else layer.apply(probabilities[left], hidden[left])
    return uar(truth[left], probabilities[left].argmax(axis=1)), uar(truth[left], told.argmax(axis=1))


if __name__ == "__main__":
    main()
