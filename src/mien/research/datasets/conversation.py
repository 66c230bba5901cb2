"""Feature packs of the conversation literature: tuples of dicts by dialogue, one row of features an utterance.

Layouts (declare-lab/conv-emotion @6128ca2): (ids, speakers, labels, text, audio, visual, sentences, train, test) for
IEMOCAP; (ids, speakers, emotions, text, audio, sentences, train, test, sentiments) for MELD; the longer MELD tuple of
the graph models (ids, speakers, emotions, text x 4, audio, visual, sentences, train, test, ...); and COSMIC's lists
without features (speakers, emotions[, sentiments], sentences, train, test, valid).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.affect.space import Space
from mien.errors import DataError, InputError
from mien.research.datasets.pickles import read_pickle
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

Speaker = Callable[[str, Any], str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which entry of the tuple is what; features: modality -> entry; None for an entry that is not there."""

    length: int
    speakers: int
    labels: int
    sentences: int
    train: int
    test: int
    valid: int | None = None
    features: Mapping[str, int] = field(default_factory=dict)


def read_pack(path: Path, name: str, space: Space, layouts: Sequence[Layout], speaker: Speaker) -> Data:
    """The pack at `path` (or the one .pkl in it) by the layout that has its number of entries; speaker: what names a
    person, from dialogue and the pack's own mark."""
    file = path if path.is_file() else _only(path)
    held = read_pickle(file)
    if not isinstance(held, list | tuple):
        raise DataError(file, None, f"is no conversation pack but a {type(held).__name__}")
    layout = next((one for one in layouts if one.length == len(held) and _fits(held, one)), None)
    if layout is None:
        lengths = " or ".join(str(one.length) for one in layouts)
        raise DataError(file, None, f"has {len(held)} entries in an order not known; known layouts have {lengths}")
    samples, parts = list[Sample](), dict[str, tuple[int, ...]]()
    for part, entry in (("train", layout.train), ("valid", layout.valid), ("test", layout.test)):
        start = len(samples)
        for dialogue in _ordered(held[entry]) if entry is not None else ():
            samples += _dialogue(file, held, layout, dialogue, space, speaker)
        if len(samples) > start:
            parts[part] = tuple(range(start, len(samples)))
    notes = [] if "valid" in parts else ["no validation part is released: cut one from train by whole dialogues"]
    return valid(Data(name, space, "class", tuple(samples), parts, notes=tuple(notes)))


def _only(path: Path) -> Path:
    found = sorted(path.glob("*.pkl"))
    if len(found) != 1:
        raise InputError(path, "", f"has {len(found)} .pkl files; name the one to read")
    return found[0]


def _fits(held: Sequence[Any], layout: Layout) -> bool:
    dicts = [layout.speakers, layout.labels, layout.sentences, *layout.features.values()]
    lists = [entry for entry in (layout.train, layout.test, layout.valid) if entry is not None]
    return all(isinstance(held[i], dict) for i in dicts) and all(
        isinstance(held[i], list | set | frozenset | tuple | np.ndarray) for i in lists
    )


def _ordered(dialogues: Any) -> list[Any]:
    """Dialogues of a part; those of a set by name, as a set's own order changes from run to run."""
    return sorted(dialogues, key=str) if isinstance(dialogues, set | frozenset) else list(dialogues)


def _dialogue(
    file: Path, held: Sequence[Any], layout: Layout, dialogue: Any, space: Space, speaker: Speaker
) -> list[Sample]:
    key = str(dialogue)
    entries = [held[i].get(dialogue) for i in (layout.labels, layout.speakers, layout.sentences)]
    tables = {name: held[i].get(dialogue) for name, i in layout.features.items()}
    counts = {len(entry) for entry in (*entries, *tables.values()) if entry is not None}
    if lacking := [name for name, table in tables.items() if table is None]:
        raise DataError(file, None, f"dialogue {key} has no {', '.join(lacking)}")
    if entries[0] is None or entries[1] is None or len(counts) != 1:
        raise DataError(file, None, f"dialogue {key}: labels, speakers, sentences and features differ in length")
    labels, speakers, sentences = entries
    return [
        Sample(
            f"{key}_{turn:03d}", key, {name: _row(values[turn]) for name, values in tables.items()},
            _label(file, f"{key}_{turn:03d}", labels[turn], space),
            words="" if sentences is None else str(sentences[turn]), speaker=speaker(key, speakers[turn]),
            place=float(turn),
        )
        for turn in range(len(labels))
    ]  # fmt: skip


def _row(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, np.float32).reshape(1, -1)


def _label(file: Path, name: str, value: Any, space: Space) -> int:
    if np.ndim(value) or value not in range(len(space.labels)):
        allowed = f"0 to {len(space.labels) - 1} ({', '.join(space.labels)})"
        raise DataError(file, None, f"{name}: label {value} is none of {allowed}")
    return int(value)
