"""The same thing in two parts: texts, features, recordings, and windows that share signal."""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.textfeatures import units
from mien.files import digest
from mien.research.datasets.audit_near import close
from mien.research.datasets.finding import Finding, Parts, Weight, few, later, of_parts
from mien.research.datasets.texts import folded
from mien.research.samples import Array, Clip, Data, Sample

WORDS = 5
"""Texts of fewer words repeat by themselves ("what?") and are not counted."""
ALIKE = 0.8
"""Share of word triples two texts have in common from which they count as nearly equal."""
GRAVE = 0.1
"""Share of repeats outside training from which a split is refused."""
COARSE = 0.2
"""Share of training that repeats features from which equal features mean little."""
_HASHES, _BAND = 24, 3


def texts(data: Data, parts: Parts) -> Iterator[Finding]:
    """Equal texts (case and blanks aside) and nearly equal ones (shared triples of words) across parts.

    Where text is no input (scripted speech: features or recordings of other modalities alone) they are only told.
    """
    every = [(part, one.id, folded(one.words)) for part, one in of_parts(data, parts) if one.words]
    long = [(part, name, text) for part, name, text in every if len(units(text)) >= WORDS]
    homes: dict[str, set[str]] = defaultdict(set)
    for part, _, text in long:
        homes[text].add(part)
    equal = [name for part, name, text in long if len(homes[text]) > 1 and part != "train"]
    near = _near([(part, name, text) for part, name, text in long if len(homes[text]) == 1])
    if equal or near:
        share = (len(equal) + len(near)) / later(parts)
        text = f"{len(equal)} texts of {WORDS} words and more stand in two parts, {len(near)} more nearly so"
        text += f": {share:.1%} of the samples outside training"
        script = any(one.features or one.clips for one in data.samples)
        script &= not any("text" in one.features for one in data.samples)
        text += "; they are no input here" if script else ""
        weight = "tell" if script else _weight(share)
        yield Finding("repeated-texts", weight, text, len(equal) + len(near), few(equal + near))


def features(data: Data, parts: Parts) -> Iterator[Finding]:
    """Equal and nearly equal features across parts, by modality; told alone where features are so coarse that training
    repeats them too. Those of short texts are not looked at: like the texts, they repeat by themselves."""
    for name in sorted({name for one in data.samples for name in one.features}):
        homes: dict[bytes, set[str]] = defaultdict(set)
        there = ((part, one) for part, one in of_parts(data, parts) if name in one.features)
        held = [(part, one, one.features[name]) for part, one in there if name != "text" or not _short(one.words)]
        marks = [hashlib.sha1(np.ascontiguousarray(rows).tobytes()).digest() for _, _, rows in held]
        pairs = list(zip(held, marks, strict=True))
        for (part, _, _), mark in pairs:
            homes[mark].add(part)
        equal = [one.id for (part, one, _), mark in pairs if len(homes[mark]) > 1 and part != "train"]
        alike, told = close(held, set(equal))
        if (equal or alike) and not _constant(held):
            own = [mark for (part, _, _), mark in pairs if part == "train"]
            coarse = len(own) > 0 and len(set(own)) / len(own) < 1 - COARSE
            share = (len(equal) + len(alike)) / later(parts)
            text = f"{name}: {len(equal)} samples outside training have the features of one in another part,"
            text += f" {len(alike)} more nearly so{told}: {share:.1%}"
            text += "; these features are coarse, training repeats them too" if coarse else ""
            weight = "tell" if coarse else _weight(share)
            yield Finding("repeated-features", weight, text, len(equal) + len(alike), few(equal + alike))


def recordings(data: Data, parts: Parts) -> Iterator[Finding]:
    """One recording (by content) in two parts, unless the parts of it that are meant do not meet."""
    uses: dict[str, list[tuple[str, Sample, Clip]]] = defaultdict(list)
    for part, sample in of_parts(data, parts):
        for clip in {id(clip): clip for clip in sample.clips.values()}.values():
            name = clip.path if clip.content is None else hashlib.sha1(clip.content).hexdigest()
            uses[name].append((part, sample, clip))
    shared = [
        own[0][1].id for own in _by_content(uses).values()
        if len({part for part, _, _ in own}) > 1 and _meet([(part, clip) for part, _, clip in own])
    ]  # fmt: skip
    if shared:
        text = f"{len(shared)} recordings (or parts of one that overlap) are in two parts"
        yield Finding("repeated-files", "refuse", text, len(shared), few(shared))


def windows(data: Data, parts: Parts) -> Iterator[Finding]:
    """Neighbouring windows of a group (or in the file) that hold the same rows: across parts refused, inside one told;
    and parts of a recording that overlap inside one (across parts `recordings` tells them)."""
    where = {id(one): part for part, one in of_parts(data, parts)}
    groups: dict[str, list[Sample]] = defaultdict(list)
    for one in data.samples:
        groups[one.speaker or one.group].append(one)
    lines = [sorted(own, key=lambda one: one.place) for own in groups.values()]
    lines.append(list(data.samples))  # windows that are each a group of their own, in the order of the file
    pairs = {(id(first), id(second)): (first, second) for line in lines for first, second in pairwise(line)}
    crossing, inside = list[str](), list[str]()
    for first, second in pairs.values():
        if any(_overlap(rows, second.features.get(name)) for name, rows in first.features.items()):
            same = where.get(id(first)) == where.get(id(second))
            (inside if same else crossing).append(second.id)
    told = set(inside)
    inside += [
        second.id for first, second in _overlapping(data.samples)
        if where.get(id(first)) == where.get(id(second)) and second.id not in told
    ]  # fmt: skip
    if crossing:
        text = f"{len(crossing)} windows share signal with a window of another part"
        yield Finding("overlapping-windows", "refuse", text, len(crossing), few(crossing))
    if inside:
        text = f"{len(inside)} windows share signal with their neighbour: they are no independent samples"
        yield Finding("overlapping-windows", "warn", text, len(inside), few(inside))


def _short(words: str) -> bool:
    return 0 < len(units(words)) < WORDS


def _overlapping(samples: Sequence[Sample]) -> Iterator[tuple[Sample, Sample]]:
    """Samples next to each other on one recording that mean overlapping parts of it."""
    uses: dict[str, list[tuple[float, float, Sample]]] = defaultdict(list)
    for one in samples:
        for clip in {clip.path: clip for clip in one.clips.values()}.values():
            if clip.start is not None and clip.end is not None:
                uses[clip.path].append((clip.start, clip.end, one))
    for own in uses.values():
        for (_, end, first), (start, _, second) in pairwise(sorted(own, key=lambda use: use[:2])):
            if start < end:
                yield first, second


def _weight(share: float) -> Weight:
    return "refuse" if share >= GRAVE else "warn"


def _near(held: Sequence[tuple[str, str, str]]) -> list[str]:
    """Ids outside training whose text shares most word triples with one of another part (min-hash, then counted)."""
    rng = np.random.default_rng(0)
    factor = rng.integers(1, 1 << 31, _HASHES).astype(np.uint64) | np.uint64(1)
    shift = rng.integers(0, 1 << 31, _HASHES).astype(np.uint64)
    triples, buckets = [], defaultdict[bytes, list[int]](list)
    for place, (_, _, text) in enumerate(held):
        words = [text[start:end] for start, end in units(text)]
        keys = np.unique([zlib.crc32(" ".join(words[i : i + 3]).encode()) for i in range(len(words) - 2)])
        triples.append(keys)
        least = ((keys.astype(np.uint64)[:, None] * factor + shift) & np.uint64(0xFFFFFFFF)).min(axis=0)
        for band in range(0, _HASHES, _BAND):
            buckets[bytes([band]) + least[band : band + _BAND].tobytes()].append(place)
    found: dict[int, None] = {}
    for own in buckets.values():
        for first in own[:8]:  # many at once are repeats of few
            for second in own:
                if held[first][0] != held[second][0] and _alike(triples[first], triples[second]):
                    found[second if held[second][0] != "train" else first] = None
    return [held[place][1] for place in found]


def _alike(first: NDArray[np.int64], second: NDArray[np.int64]) -> bool:
    both = len(np.intersect1d(first, second, assume_unique=True))
    return both / (len(first) + len(second) - both) >= ALIKE


def _constant(held: Sequence[tuple[str, Sample, Array]]) -> bool:
    """Whether groups hold one value each: told by another check, not a repeat."""
    marks: dict[str, set[bytes]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for _, one, rows in held:
        who = one.speaker or one.group
        marks[who].add(np.ascontiguousarray(rows).tobytes())
        counts[who] += 1
    return any(count > 1 for count in counts.values()) and all(len(one) == 1 for one in marks.values())


def _by_content(uses: dict[str, list[tuple[str, Sample, Clip]]]) -> dict[str, list[tuple[str, Sample, Clip]]]:
    """Uses by file; files of one size and content are one."""
    sizes: dict[int, list[str]] = defaultdict(list)
    for path, own in uses.items():
        if own[0][2].content is None and Path(path).is_file():
            sizes[Path(path).stat().st_size].append(path)
    same: dict[str, str] = {}
    for size, paths in sizes.items():
        for path in paths if len(paths) > 1 else ():
            same[path] = f"{size}-{_start(path)}"
    heads: dict[str, list[str]] = defaultdict(list)
    for path, head in same.items():
        heads[head].append(path)
    same = {path: digest(path) for own in heads.values() if len(own) > 1 for path in own}
    merged: dict[str, list[tuple[str, Sample, Clip]]] = defaultdict(list)
    for path, own in uses.items():
        merged[same.get(path, path)] += own
    return merged


def _start(path: str) -> str:
    """A hash of the first bytes behind a header: tells most files of one size apart without reading them whole."""
    with open(path, "rb") as stream:
        return hashlib.sha1(stream.read(1 << 16)).hexdigest()


def _meet(own: Sequence[tuple[str, Clip]]) -> bool:
    """Whether two parts use overlapping stretches."""
    spans = sorted((clip.start or 0.0, clip.end if clip.end is not None else np.inf, part) for part, clip in own)
    for place, (_, end, part) in enumerate(spans):
        if any(start < end and other != part for start, _, other in spans[place + 1 :]):
            return True
    return False


def _overlap(first: Array, second: Array | None) -> bool:
    """Whether the second window begins inside the first: its first rows are the first's last ones.

    A stretch that stands still, such as silence, is no shared signal: the row in which the second first moves decides.
    """
    if second is None or min(len(first), len(second)) < 4 or first.shape[1] != second.shape[1]:
        return False
    moves = np.flatnonzero(~_same(second, second[0]))
    if not len(moves):
        return False
    for place in (np.flatnonzero(_same(first[1 + moves[0] :], second[moves[0]])) + 1).tolist():
        count = min(len(first) - place, len(second))
        if _same(first[place : place + count], second[:count]).all():
            return True
    return False


def _same(first: Array, second: Array) -> NDArray[np.bool_]:
    """Rows that are equal but for the last digits, in which features computed twice may differ."""
    alike: NDArray[np.bool_] = np.all(np.isclose(first, second, rtol=1e-4, atol=1e-4), axis=-1)
    return alike
