"""What the inputs give away or lack: identity codes, labels in words or columns, missing files, zeros."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.research.datasets.finding import Finding, Parts, few, of_parts
from mien.research.samples import Data

NAMED, RIGHT = 0.2, 0.9
"""Share of texts that name one label, and share of them that name their own, from which words give the label away."""
_STILL = 1e-10
_POINTER = b"version https://git-lfs"


def constant(data: Data, parts: Parts) -> Iterator[Finding]:
    """Columns that never change inside a group (or speaker) but differ between them; refused where these are in two
    parts, as they then tell a model whom it has seen."""
    for name, (vectors, rows) in _vectors(data).items():
        for kind in ("group", "speaker"):
            who = [getattr(data.samples[row], kind) for row in rows]
            still, groups = _still(vectors, who)
            if not still or groups < 2:
                continue
            homes: dict[str, set[str]] = defaultdict(set)
            for part, one in of_parts(data, parts):
                homes[getattr(one, kind)].add(part)
            shared = sum(len(where) > 1 for where in homes.values())
            text = f"{name}: {still} of {vectors.shape[1]} columns never change inside a {kind} ({groups} of them)"
            text += f" and {shared} are in two parts: an identity code" if shared else "; no figure across parts of one"
            yield Finding("constant-inputs", "refuse" if shared else "warn", text, still)
            break


def words(data: Data) -> Iterator[Finding]:
    """Texts that name their own label."""
    if data.task != "class":
        return
    names = [re.compile(rf"\b{re.escape(name.lower())}\b") for name in data.space.labels]
    named = right = texts = 0
    examples = []
    for one in data.samples:
        if not one.words:
            continue
        texts += 1
        there = [place for place, name in enumerate(names) if name.search(one.words.lower())]
        if len(there) == 1:
            named += 1
            right += there[0] == int(np.ravel(one.target)[0])
            examples.append(one.id)
    if texts and named / texts >= NAMED and right / named >= RIGHT:
        text = f"{named} of {texts} texts name one label, {right / named:.0%} of these their own"
        yield Finding("labels-in-words", "refuse", text, named, few(examples))


def columns(data: Data) -> Iterator[Finding]:
    """Columns that the label determines: equal for equal labels, different between labels, or in step with a value."""
    for name, (vectors, rows) in _vectors(data).items():
        targets = np.stack([np.ravel(data.samples[row].target).astype(float) for row in rows])
        if len(rows) < 20 or len(np.unique(targets, axis=0)) < 2:
            continue
        labels = [str(one) for one in targets.tolist()]
        repeated = len(labels) / len(set(labels)) >= 1.2
        still = _still(vectors, labels)[0] if repeated else 0
        moved = 0
        if data.task == "value":
            centred = (targets - targets.mean(axis=0)) / np.maximum(targets.std(axis=0), 1e-12)
            scaled = (vectors - vectors.mean(axis=0)) / np.maximum(vectors.std(axis=0), 1e-12)
            moved = int((np.abs(scaled.T @ centred / len(rows)) > 0.999).any(axis=1).sum())
        if still or moved:
            text = f"{name}: {max(still, moved)} of {vectors.shape[1]} columns are a function of the label"
            yield Finding("labels-in-features", "refuse", text, max(still, moved))


def missing(data: Data) -> Iterator[Finding]:
    """Recordings that are not there, empty, or only a note of where Git keeps them."""
    paths = {clip.path for one in data.samples for clip in one.clips.values() if clip.content is None}
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        size = Path(path).stat().st_size if Path(path).is_file() else None
        if size is None:
            found["are not on disk"].append(path)
        elif not size:
            found["are empty"].append(path)
        elif size < 1024 and Path(path).read_bytes().startswith(_POINTER):
            found["are pointers to Git LFS (`git lfs pull` fetches them)"].append(path)
    for what, own in found.items():
        text = f"{len(own)} of {len(paths)} recordings {what}"
        yield Finding("missing-files", "warn", text, len(own), few(own))


def zeros(data: Data) -> Iterator[Finding]:
    """Features of zeros alone."""
    names = sorted({name for one in data.samples for name in one.features})
    for name in names:
        empty = [one.id for one in data.samples if name in one.features and not one.features[name].any()]
        if empty:
            text = f"{name}: {len(empty)} samples are zeros alone; a modality that is absent must be left out"
            yield Finding("zeros", "warn", text, len(empty), few(empty))


def absent(data: Data) -> Iterator[Finding]:
    """Samples without a modality that others have."""
    names = sorted({name for one in data.samples for name in (*one.features, *one.clips)})
    for name in names:
        without = [one.id for one in data.samples if name not in one.features and name not in one.clips]
        if without:
            text = f"{len(without)} of {len(data.samples)} samples have no {name}"
            yield Finding("missing-modality", "tell", text, len(without), few(without))


def notes(data: Data) -> Iterator[Finding]:
    """What the adapter said."""
    for note in data.notes:
        yield Finding("notes", "warn" if note.startswith("LEAK") else "tell", note)


def _vectors(data: Data) -> dict[str, tuple[NDArray[np.float64], list[int]]]:
    """Modality -> means over time (n, width) and the samples they are of."""
    found = {}
    for name in sorted({name for one in data.samples for name in one.features}):
        rows = [row for row, one in enumerate(data.samples) if name in one.features]
        vectors = np.stack([data.samples[row].features[name].mean(axis=0, dtype=np.float64) for row in rows])
        if len(rows) > 2:
            found[name] = (vectors, rows)
    return found


def _still(vectors: NDArray[np.float64], names: list[str]) -> tuple[int, int]:
    """Columns that change between names but not inside one, and how many names have two rows or more."""
    _, place, counts = np.unique(np.asarray(names), return_inverse=True, return_counts=True)
    several = counts[place] > 1
    if not several.any():
        return 0, 0
    kept, at = vectors[several], place[several]
    sums = np.zeros((len(counts), vectors.shape[1]))
    np.add.at(sums, at, kept)
    inside = np.square(kept - sums[at] / counts[at, None]).mean(axis=0)
    total = kept.var(axis=0)
    return int(((inside <= _STILL * np.maximum(total, 1e-12)) & (total > 1e-12)).sum()), int((counts > 1).sum())
