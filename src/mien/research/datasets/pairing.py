"""Items put together from recordings, pictures and texts of one label that never met (see `constructed`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mien.affect.mapping import EKMAN_GROUPS, alias
from mien.affect.space import space
from mien.errors import InputError, RequestError
from mien.research.datasets.texts import folded
from mien.research.samples import Data, Sample, grouped_split

BASIC = space("basic7")
PARTS = ("train", "valid", "test")
SHARES = (0.6, 0.2, 0.2)
_EKMAN = {name: basic for basic, names in EKMAN_GROUPS.items() for name in names} | {"neutral": "neutral"}
_PLAIN = {name: place for place, name in enumerate(BASIC.labels)}


@dataclass(frozen=True, slots=True)
class Piece:
    """One recording, picture or text: its own sample, label (place in basic7) and where it comes from."""

    sample: Sample
    label: int
    source: str


@dataclass(slots=True)
class Deck:
    """Pieces of one label dealt one after another, each once before any comes again."""

    pieces: Sequence[Piece]
    rng: np.random.Generator
    dealt: int = 0
    _order: list[int] = field(default_factory=list)

    def next(self) -> Piece:
        """The next piece; after the last they are shuffled anew."""
        if not self._order:
            self._order = self.rng.permutation(len(self.pieces)).tolist()
        self.dealt += 1
        return self.pieces[self._order.pop()]


def pieces(folder: Path, sources: Sequence[str], modality: str, seed: int) -> dict[str, list[Piece]]:
    """Part -> pieces of a modality from data sets written NAME:PATH or NAME:PATH@PART, the path from `folder`.

    Parts are the owners' where they made all three; else, and of a named PART, whole groups are cut 60/20/20. Kept are
    samples with exactly one label that has a place in basic7 and with the material of this modality.
    """
    found: dict[str, list[Piece]] = {part: [] for part in PARTS}
    for text in sources:
        name, data = _open(folder, text, modality)
        every = {row: _basic(data, one) for row, one in enumerate(data.samples) if _has(one, modality)}
        labels = {row: label for row, label in every.items() if label is not None}
        if not labels:
            raise RequestError(f"{text}: has no {modality} with one label of basic7")
        for part, rows in _parts(data, labels, seed).items():
            found[part] += [Piece(data.samples[row], labels[row], name) for row in rows]
    return _apart(found, modality)


def decks(
    held: Mapping[str, Sequence[Piece]], part: str, modality: str, labels: Sequence[int], rng: np.random.Generator
) -> dict[int, Deck]:  # fmt: skip
    """Label -> pieces of one part; RequestError where a label has none."""
    made = {label: Deck([one for one in held[part] if one.label == label], rng) for label in labels}
    for label, deck in made.items():
        if not deck.pieces:
            raise RequestError(
                f"no {modality} of {BASIC.labels[label]} in the {part} part; leave the label out, or add a source"
            )
    return made


def common(held: Mapping[str, Mapping[str, Sequence[Piece]]]) -> tuple[int, ...]:
    """Labels that every modality has in every part, in the order of basic7."""
    every = [{one.label for one in rows} for parts in held.values() for rows in parts.values()]
    return tuple(sorted(set.intersection(*every)))


def _open(folder: Path, text: str, modality: str) -> tuple[str, Data]:
    from mien.research.datasets import ADAPTERS, load

    name, colon, rest = text.partition(":")
    place, _, part = rest.partition("@")
    if not colon or name not in ADAPTERS or name == "constructed":
        raise RequestError(f"{modality}={text!r}: NAME:PATH or NAME:PATH@PART of a data set is needed")
    try:
        data = load(name, folder / place)
    except InputError as error:
        raise InputError(folder, f"{modality}={text}", str(error)) from None
    if not part:
        return name, data
    if part not in data.parts:
        raise RequestError(f"{text}: {name} has the parts {', '.join(data.parts) or '(none)'}, not {part!r}")
    samples = tuple(data.samples[row] for row in data.parts[part])
    return name, Data(name, data.space, data.task, samples)


def _basic(data: Data, sample: Sample) -> int | None:
    """The one label of a sample as a place in basic7, None where it has none or several."""
    if data.task == "class":
        return _PLAIN.get(alias(data.space.labels[int(np.ravel(sample.target)[0])]))
    if data.task == "labels":
        chosen = np.flatnonzero(np.asarray(sample.target) > 0)
        name = data.space.labels[chosen[0]] if len(chosen) == 1 else ""
        return _PLAIN.get(_EKMAN.get(name, alias(name)))
    return None


def _apart(found: Mapping[str, Sequence[Piece]], modality: str) -> dict[str, list[Piece]]:
    """Without what stands in a later part too: equal texts (case and blanks aside), equal pictures."""
    later: set[str | bytes] = set()
    kept: dict[str, list[Piece]] = {}
    for part in reversed(PARTS):
        marks = [_mark(one.sample, modality) for one in found[part]]
        kept[part] = [one for one, mark in zip(found[part], marks, strict=True) if mark not in later]
        later.update(marks)
    return kept


def _mark(sample: Sample, modality: str) -> str | bytes:
    if modality == "text":
        return folded(sample.words)
    clip = sample.clips[modality]
    return clip.content or f"{clip.path}@{clip.start}"


def _has(sample: Sample, modality: str) -> bool:
    return bool(sample.words) if modality == "text" else modality in sample.clips


def _parts(data: Data, labels: Mapping[int, int], seed: int) -> dict[str, list[int]]:
    """Part -> rows: the owners', or a cut of whole groups, label by label where a group has one label alone."""
    if all(part in data.parts for part in PARTS):
        return {part: [row for row in data.parts[part] if row in labels] for part in PARTS}
    shown: dict[str, set[int]] = {}
    for row, label in labels.items():
        shown.setdefault(data.samples[row].group, set()).add(label)
    kinds = {group: next(iter(some)) if len(some) == 1 else -1 for group, some in shown.items()}
    found: dict[str, list[int]] = {part: [] for part in PARTS}
    for kind in sorted(set(kinds.values())):
        rows = [row for row in labels if kinds[data.samples[row].group] == kind]
        if len({data.samples[row].group for row in rows}) < len(PARTS):
            found["train"] += rows
            continue
        split = grouped_split([data.samples[row] for row in rows], SHARES, np.random.default_rng(seed))
        for part in PARTS:
            found[part] += [rows[at] for at in getattr(split, part)]
    return found
