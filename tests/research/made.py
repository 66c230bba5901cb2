"""Small made-up data of every shape for the tests of systems and trainer."""

from __future__ import annotations

import numpy as np

from mien.affect.space import Space
from mien.research.samples import Data, Sample

WIDTHS = {"text": 7, "audio": 5, "face": 6, "scene": 4, "signal": 3}


def space(task, outputs):
    kind = {"class": "categorical", "labels": "multilabel", "value": "dimensional"}[task]
    low = -3.0 if task == "value" else 0.0
    return Space("made", tuple(f"l{place}" for place in range(outputs)), kind, "tests", low, 3.0 if low else 1.0)


def target(task, outputs, place, rng):
    if task == "class":
        return place % outputs
    if task == "labels":
        return (rng.random(outputs) < 0.5).astype(np.float32)
    return rng.uniform(-2, 2, outputs).astype(np.float32)


def made(task="class", inputs="sequence", modalities=("text", "audio", "face"), n=12, outputs=3, seed=0, signal=0.0):
    """Data of n samples in groups of 4; signal: how far the class moves the mean of every feature."""
    rng = np.random.default_rng(seed)
    outputs = 1 if task == "value" else outputs
    samples = []
    for place in range(n):
        group = place // 4
        aim = target(task, outputs, place, rng)
        height = float(np.ravel(aim)[0]) * signal
        features = {}
        for name in modalities:
            steps = int(rng.integers(2, 6)) if inputs == "sequence" else 1
            features[name] = (rng.normal(size=(steps, WIDTHS[name])) + height).astype(np.float32)
        samples.append(
            Sample(
                f"s{place}",
                f"g{group}",
                features,
                aim,
                words=f"word {place}",
                speaker=f"p{place % 2}",
                place=float(place % 4),
            )
        )
    return Data("made", space(task, outputs), task, tuple(samples))


def without(data, lost):
    """The same data where lost(place, modality) takes features away."""
    samples = []
    for place, s in enumerate(data.samples):
        kept = {name: values for name, values in s.features.items() if not lost(place, name)}
        samples.append(Sample(s.id, s.group, kept, s.target, s.votes, s.words, s.speaker, s.place))
    return Data(data.name, data.space, data.task, tuple(samples), data.parts)
