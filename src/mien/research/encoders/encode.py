"""A data set's clips and words turned into features, through the store where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import InputError, MienError, RequestError
from mien.research.encoders import Encoder, Rows
from mien.research.encoders.material import frames, picture, sound
from mien.research.encoders.store import Store, key_of
from mien.research.samples import Array, Clip, Data, Sample

Progress = Callable[[int, int], None]
TOGETHER = 16
"""Samples whose material is given at once to an encoder that can read several."""


def encode(
    data: Data, encoders: Mapping[str, Encoder], *, store: Path | str | None = None, skip: bool = False,
    progress: Progress | None = None,
) -> Data:  # fmt: skip
    """The same data with features of these modalities instead of their clips; what it has of others stays.

    encoders: modality -> encoder; store: folder that keeps what was computed; skip: leave a modality out where its file
    is missing or damaged (counted in the notes, the first with its reason) instead of stopping; progress: called with
    (done, all). Raises RequestError for an encoder whose material no sample has, InputError naming a file that cannot
    be read, with `skip` too where none of them can.
    """
    for name, one in encoders.items():
        if not any(_material(sample, name, one) is not None for sample in data.samples):
            raise RequestError(f"{data.name}: no sample has {one.takes} for {name} that {one.name} could read")
    stores = {name: Store(store, one) for name, one in encoders.items()} if store is not None else {}
    samples, lost = list[Sample](), dict.fromkeys(encoders, 0)
    why: dict[str, str] | None = {} if skip else None
    step = TOGETHER if any(hasattr(one, "read_many") for one in encoders.values()) else 1
    try:
        for start in range(0, len(data.samples), step):
            these = data.samples[start : start + step]
            every = {name: _features(these, name, one, stores.get(name), why) for name, one in encoders.items()}
            for place, sample in enumerate(these):
                found = {name: rows[place] for name, rows in every.items()}
                samples.append(_with(sample, found))
                for name in encoders:
                    lost[name] += name not in samples[-1].features
            if progress:
                progress(len(samples), len(data.samples))
    finally:
        with ExitStack() as each:  # a disk that is full for one does not keep the others from theirs
            for held in stores.values():
                each.callback(held.flush)
    for name, reason in (why or {}).items():
        if lost[name] == len(samples):
            raise InputError(data.name, name, f"none of {len(samples)} samples can be read, such as {reason}")
    notes = [f"{name} by {one.name} {one.version} {dict(one.settings)}" for name, one in encoders.items()]
    such = {name: f", such as {reason}" for name, reason in (why or {}).items()}
    notes += [f"{count} samples have no {name}{such.get(name, '')}" for name, count in lost.items() if count]
    return replace(data, samples=tuple(samples), notes=(*data.notes, *notes))


def pool(data: Data, how: str = "mean_std") -> Data:
    """One vector an item: "mean" over the seen steps, or "mean_std" with the deviation behind it."""
    if how not in ("mean", "mean_std"):
        raise RequestError(f"pool {how!r}; allowed: mean, mean_std")
    samples = []
    for sample in data.samples:
        rows: dict[str, Array] = {}
        for name, values in sample.features.items():
            seen = sample.seen.get(name)
            steps = values if seen is None else values[seen]
            if len(steps):
                rows[name] = pooled(steps, how)
        samples.append(replace(sample, features=rows, seen={}))
    return replace(data, samples=tuple(samples), notes=(*data.notes, f"pooled over time: {how}"))


def pooled(rows: Array, how: str) -> Rows:
    """(1, width) mean over time, or (1, 2 width) with the deviation behind it; the rows themselves for "none"."""
    if how == "none":
        return np.asarray(rows, np.float32)
    parts = [rows.mean(axis=0), rows.std(axis=0)][: 1 if how == "mean" else 2]
    return np.concatenate(parts).astype(np.float32)[None]


def _material(sample: Sample, name: str, one: Encoder) -> Clip | str | None:
    if one.takes == "words":
        return sample.words or None
    return sample.clips.get(name)


def _with(sample: Sample, found: Mapping[str, Rows | None]) -> Sample:
    """The sample with these features instead of its clips of the same names; what is None or empty is absent."""
    seen = {name: there for name, there in sample.seen.items() if name not in found}
    kept = {name: rows for name, rows in sample.features.items() if name not in found}
    raw = {name: clip for name, clip in sample.clips.items() if name not in found}
    new = {name: rows for name, rows in found.items() if rows is not None and len(rows)}
    return replace(sample, features=kept | new, seen=seen, clips=raw)


def _features(
    samples: Sequence[Sample], name: str, one: Encoder, store: Store | None, why: dict[str, str] | None
) -> list[Rows | None]:  # fmt: skip
    """Features of one modality; what the store lacks is read, by several at once where the encoder can.

    why: keeps the first reason where a sample is left out, None to stop there.
    """
    found: list[Rows | None] = [None] * len(samples)
    left: list[tuple[int, str, Any]] = []
    several = getattr(one, "read_many", None)
    for place, sample in enumerate(samples):
        material = _material(sample, name, one)
        if material is None:
            continue
        try:
            key = "" if store is None else key_of(material)
            found[place] = None if store is None else store.get(key)
            if found[place] is None and several is not None:
                left.append((place, key, _raw(material, one)))
            elif found[place] is None:
                found[place] = _kept(one, one.read(_raw(material, one)), key, store)
        except MienError as error:
            _left_out(sample, name, error, why)
    if several is not None and left:
        for (place, key, _), rows in zip(left, several([raw for _, _, raw in left]), strict=True):
            try:
                found[place] = _kept(one, rows, key, store)
            except MienError as error:
                _left_out(samples[place], name, error, why)
    return found


def _left_out(sample: Sample, name: str, error: MienError, why: dict[str, str] | None) -> None:
    if why is None:
        raise InputError(sample.id, name, str(error)) from None
    why.setdefault(name, f"{sample.id} ({error})")


def _kept(one: Encoder, rows: Rows, key: str, store: Store | None) -> Rows:
    if not np.isfinite(rows).all():
        raise InputError(one.name, "", "gives NaN or infinite numbers for it")
    if store is not None:
        store.put(key, rows)
    return rows


def _raw(material: Clip | str, one: Encoder) -> Any:
    if isinstance(material, str):
        return material
    return {"sound": sound, "picture": picture, "frames": frames}[one.takes](material)
