"""Windows of consecutive frames, the last frame's label, and the seven classes of an evoked curve (NumPy only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.samples import Array, Sample

CLASSES = 7
Place = tuple[int, int]
"""A frame: which film, which frame of it."""


def windows(lengths: Sequence[int], length: int = 5, hop: int = 1, *, cross: bool = False) -> list[tuple[Place, ...]]:
    """Every window of `length` frames of films with so many frames, in order.

    cross: as published, films are put one after another first, so that windows run over their borders; otherwise a
    film shorter than `length` gives none.
    """
    if length < 1 or hop < 1:
        raise RequestError(f"length and hop must be 1 or more, got {length} and {hop}")
    films = [[(film, frame) for frame in range(count)] for film, count in enumerate(lengths)]
    if cross:
        films = [[place for film in films for place in film]]
    return [tuple(film[first : first + length]) for film in films for first in range(0, len(film) - length + 1, hop)]


def class_of(values: Array) -> NDArray[np.int64]:
    """Class 0 to 6 of values in [-1, 1]: round(3 v + 3). The released code has the inverse alone; this is ours."""
    found: NDArray[np.int64] = np.clip(np.rint(3 * np.asarray(values, float) + 3), 0, CLASSES - 1).astype(np.int64)
    return found


def value_of(classes: NDArray[np.integer]) -> NDArray[np.float64]:
    """The middle of a class in [-1, 1]: (class - 3) / 3."""
    found: NDArray[np.float64] = (np.asarray(classes, float) - 3) / 3
    return found


def window_samples(
    films: Mapping[str, Mapping[str, Array]], curves: Mapping[str, Array], *, length: int = 5, hop: int = 1,
    rate: float = 25.0,
) -> tuple[tuple[Sample, ...], tuple[str, ...]]:  # fmt: skip
    """Samples of films (name -> modality -> (frames, width)) and curves in [-1, 1], and what a person should know.

    Rows beyond the shortest stream or curve are left out, each time with a sentence. A sample's group is its film,
    its place the time of its last frame in seconds.
    """
    samples, notes = [], []
    for film, streams in films.items():
        counts = {**{name: len(values) for name, values in streams.items()}, "curve": len(curves[film])}
        count = min(counts.values())
        if max(counts.values()) > count:
            notes.append(f"{film}: cut to {count} frames; {', '.join(f'{n} {c}' for n, c in counts.items())}")
        classes = class_of(curves[film][:count])
        for frames in windows([count], length, hop):
            first, last = frames[0][1], frames[-1][1]
            features = {name: values[first : last + 1].astype(np.float32) for name, values in streams.items()}
            samples.append(Sample(f"{film}-{last}", film, features, int(classes[last]), place=last / rate))
    return tuple(samples), tuple(notes)
