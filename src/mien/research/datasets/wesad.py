"""WESAD: wearable signals of 15 people at rest, under stress, amused and meditating.

What: wrist (Empatica E4) and chest (RespiBAN) in one session of about 1.6 hours each. Packs of ready windows in
    circulation carry no person and overlap: any split of them leaks people, so they are not read.
Who: P. Schmidt and others, "Introducing WESAD", ICMI 2018.
Licence: for research, not commercial.
Get: archive.ics.uci.edu/dataset/465 (WESAD.zip, 2.2 GB).
On disk: SN/SN.pkl: signal -> chest, wrist (ACC 32 Hz, BVP 64 Hz, EDA 4 Hz, TEMP 4 Hz), label at 700 Hz (0 transient, 1
    baseline, 2 stress, 3 amusement, 4 meditation, 5-7 ignore), subject. Read without running code.
Labels: stress2: calm (baseline, amusement), stress; or wesad4: baseline, stress, amusement, meditation.
Groups: person. Parts: none released: leave people out.
Options: label: "stress2" or "wesad4"; window, step: seconds (windows of one state alone; a step below the window makes
    them overlap, which an audit tells).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import space
from mien.errors import DataError, RequestError
from mien.research.datasets.pickles import read_pickle
from mien.research.datasets.speech import clips
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("**/S[0-9]*/S[0-9]*.pkl|S[0-9]*.pkl",)
RATE = 4
"""Rows of the features a second: each holds 8 steps of acceleration (x, y, z), 16 of BVP, one of EDA and TEMP."""
WIDTHS = {"ACC": 24, "BVP": 16, "EDA": 1, "TEMP": 1}
STATES = {"wesad4": {1: 0, 2: 1, 3: 2, 4: 3}, "stress2": {1: 0, 2: 1, 3: 0}}
_LABELS = 700


def read(path: Path, *, label: str = "stress2", window: float = 60.0, step: float = 60.0) -> Data:
    """WESAD at `path`; see the module's text. Features: signal (window * 4, 42): ACC, BVP, EDA, TEMP."""
    if label not in STATES or not 1 <= window <= 3600 or not 0.25 <= step <= 3600:
        raise RequestError(
            f"label {label!r}, window {window:g}, step {step:g}; allowed: {', '.join(STATES)}; 1 to 3600 s; from 0.25 s"
        )
    files = [path] if path.is_file() else clips(path, "S[0-9]*.pkl", "persons of WESAD")
    samples = tuple(sample for file in files for sample in _person(file, STATES[label], window, step))
    notes = ("windows overlap",) if step < window else ()
    return valid(Data("wesad", space(label), "class", samples, notes=notes))


def _person(file: Path, states: dict[int, int], window: float, step: float) -> Iterator[Sample]:
    held = read_pickle(file)
    try:
        wrist, labels, person = held["signal"]["wrist"], np.asarray(held["label"]).reshape(-1), str(held["subject"])
        channels = [_frames(file, name, wrist[name], width) for name, width in WIDTHS.items()]
        shortest = min(map(len, channels))  # the device does not end all of them at once
        frames = np.concatenate([one[:shortest] for one in channels], axis=1)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise DataError(file, None, f"is no person of WESAD: {type(error).__name__}: {error}") from None
    size, end = round(window * RATE), min(len(frames) / RATE, len(labels) / _LABELS)
    for start in np.arange(0.0, end - window + 1e-9, step):
        inside = labels[round(start * _LABELS) : round((start + window) * _LABELS)]
        state = states.get(int(inside[0])) if len(inside) and (inside == inside[0]).all() else None
        if state is not None:
            first = round(start * RATE)
            yield Sample(
                f"{person}@{start:g}", person, {"signal": frames[first : first + size]}, state,
                speaker=person, place=float(start),
            )  # fmt: skip


def _frames(file: Path, name: str, values: Any, width: int) -> NDArray[np.float32]:
    """A channel as rows of a quarter second."""
    flat = np.asarray(values, np.float32)
    flat = flat.reshape(len(flat), -1)
    steps = width // flat.shape[1]
    rows = len(flat) // steps
    if flat.shape[1] != (3 if name == "ACC" else 1) or not rows:
        raise DataError(file, None, f"{name} has shape {flat.shape}")
    return flat[: rows * steps].reshape(rows, width)
