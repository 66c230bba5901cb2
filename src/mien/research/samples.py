"""What the research side works on: samples, their shape, and splits whose groups never meet (NumPy only)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import Space
from mien.errors import DataError, RequestError

Array = NDArray[np.floating]
Task = Literal["class", "labels", "value"]
"""One class of several; any number of labels; one or more numbers."""
ORDER = ("text", "audio", "face", "scene", "signal")


@dataclass(frozen=True, slots=True)
class Clip:
    """Raw material that an encoder turns into features: a file, or the part of it from `start` to `end` seconds.

    content: bytes of a picture that the data set keeps inside a table; `path` then names the table and the row.
    """

    path: str
    start: float | None = None
    end: float | None = None
    content: bytes | None = field(default=None, repr=False)


def in_order(names: Iterable[str]) -> list[str]:
    """Modalities in the order in which models line them up and protocols draw: text, audio, face, then the others."""
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One item: an utterance, a clip, a window.

    id: unique in its data set; group: speaker, dialogue or video that a split must keep whole; features: modality ->
    (time, width) float32, (1, width) for a vector; a modality that is absent is not in the mapping, never zeros;
    target: class index (int), (labels,) 0/1 or (values,) floats; votes: (labels,) counts of raters, or None;
    words: the text where there is one; speaker: who; place: position in the group (turn of a dialogue, or seconds);
    seen: modality -> (time,) bool, False where a step is missing in the middle of what is there; left out: all seen;
    clips: modality -> raw material still to be encoded; labels: further targets by name, in the same space, such as
    those given to one modality alone ("audio", "text", "face").
    """

    id: str
    group: str
    features: Mapping[str, Array]
    target: int | NDArray[np.floating]
    votes: NDArray[np.floating] | None = None
    words: str = ""
    speaker: str = ""
    place: float = 0.0
    seen: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    clips: Mapping[str, Clip] = field(default_factory=dict)
    labels: Mapping[str, int | NDArray[np.floating]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model must know of its data: width of each modality, the task, and how many outputs.

    sequence: whether features have more than one step; longest: steps of the longest sample of each modality.
    """

    widths: Mapping[str, int]
    task: Task
    outputs: int
    sequence: bool = False
    longest: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Data:
    """A data set in memory: its name, label space or names of values, samples, and the named parts its owners made.

    fitted: groups whose labels were used to make the features: an audit refuses them outside training; notes: what a
    person should know of this copy, one sentence each (rows left out, labels missing).
    """

    name: str
    space: Space
    task: Task
    samples: tuple[Sample, ...]
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    fitted: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def shape(self) -> Shape:
        """Widths, outputs and longest lengths; DataError where two samples disagree on a width."""
        widths: dict[str, int] = {}
        longest: dict[str, int] = {}
        for sample in self.samples:
            for name, values in sample.features.items():
                if values.ndim != 2 or not len(values):
                    raise DataError(self.name, None, f"{sample.id}: {name} must be (time, width), got {values.shape}")
                if widths.setdefault(name, values.shape[1]) != values.shape[1]:
                    raise DataError(
                        self.name, None, f"{sample.id}: {name} is {values.shape[1]} wide, others {widths[name]}"
                    )
                longest[name] = max(longest.get(name, 0), len(values))
        return Shape(widths, self.task, len(self.space.labels), max(longest.values(), default=1) > 1, longest)


@dataclass(frozen=True, slots=True)
class Split:
    """Indices of the samples to train on, to select on, and to report on once; no group is in two of them."""

    train: tuple[int, ...]
    valid: tuple[int, ...]
    test: tuple[int, ...]

    def check(self, samples: Sequence[Sample]) -> None:
        """DataError naming a group that is in two parts, an item that is twice in one, or a part without samples."""
        parts = {"train": self.train, "valid": self.valid, "test": self.test}
        owner: dict[str, str] = {}
        for name, indices in parts.items():
            if not indices and name != "valid":
                raise DataError("split", None, f"the {name} part is empty")
            if twice := {samples[i].id for i, count in Counter(indices).items() if count > 1}:
                raise DataError("split", None, f"{min(twice)!r} stands more than once in {name}; name each item once")
            for group in _groups(samples, indices):
                if owner.setdefault(group, name) != name:
                    raise DataError("split", None, f"group {group!r} is in {owner[group]} and in {name}")


def _groups(samples: Sequence[Sample], indices: Iterable[int]) -> set[str]:
    return {samples[i].group for i in indices}


def grouped_split(samples: Sequence[Sample], shares: tuple[float, float, float], rng: np.random.Generator) -> Split:
    """A random split of whole groups with about these shares of samples. RequestError with fewer than three groups."""
    names = sorted({sample.group for sample in samples})
    if len(names) < 3:
        raise RequestError(f"a split needs three groups at least, there are {len(names)}")
    counts = {name: 0 for name in names}
    for sample in samples:
        counts[sample.group] += 1
    wanted = np.array(shares, float) / sum(shares) * len(samples)
    held = np.zeros(3)
    place: dict[str, int] = {}
    for name in sorted(rng.permutation(names).tolist(), key=lambda n: -counts[n]):
        part = int(np.argmax((wanted - held) / np.maximum(wanted, 1e-9)))
        place[name] = part
        held[part] += counts[name]
    rows = [tuple(i for i, s in enumerate(samples) if place[s.group] == part) for part in range(3)]
    split = Split(*rows)
    split.check(samples)
    return split
