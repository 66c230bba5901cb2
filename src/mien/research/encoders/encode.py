"""A data set's clips and words turned into features, through the store where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import InputError, MienError, RequestError
from mien.research.encoders import Encoder, Rows
from mien.research.encoders.material import picture, sound
from mien.research.encoders.store import Store, key_of
from mien.research.samples import Array, Clip, Data, Sample

Progress = Callable[[int, int], None]


def encode(
    data: Data, encoders: Mapping[str, Encoder], *, store: Path | str | None = None, skip: bool = False,
    progress: Progress | None = None,
) -> Data:  # fmt: skip
    """The same data with features of these modalities instead of their clips; what it has of others stays.

    encoders: modality -> encoder; store: folder that keeps what was computed; skip: leave a modality out where its file
    is missing or damaged (counted in the notes) instead of stopping; progress: called with (done, all).
    Raises RequestError for an encoder whose material no sample has, InputError naming a file that cannot be read.
    """
    for name, one in encoders.items():
        if not any(_material(sample, name, one) is not None for sample in data.samples):
            raise RequestError(f"{data.name}: no sample has {one.takes} for {name} that {one.name} could read")
    stores = {name: Store(store, one) for name, one in encoders.items()} if store is not None else {}
    samples, lost = [], dict.fromkeys(encoders, 0)
    try:
        for place, sample in enumerate(data.samples):
            found: dict[str, Array] = {}
            for name, one in encoders.items():
                rows = _features(sample, name, one, stores.get(name), skip)
                if rows is not None and len(rows):
                    found[name] = rows
                else:
                    lost[name] += 1
            seen = {name: there for name, there in sample.seen.items() if name not in encoders}
            kept = {name: rows for name, rows in sample.features.items() if name not in encoders}
            raw = {name: clip for name, clip in sample.clips.items() if name not in encoders}
            samples.append(replace(sample, features=kept | found, seen=seen, clips=raw))
            if progress:
                progress(place + 1, len(data.samples))
    finally:
        for held in stores.values():
            held.flush()
    notes = [f"{name} by {one.name} {one.version} {dict(one.settings)}" for name, one in encoders.items()]
    notes += [f"{count} samples have no {name}" for name, count in lost.items() if count]
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


def _features(sample: Sample, name: str, one: Encoder, store: Store | None, skip: bool) -> Rows | None:
    material = _material(sample, name, one)
    if material is None:
        return None
    try:
        if store is None:
            return one.read(_raw(material, one))
        key = key_of(material)
        rows = store.get(key)
        if rows is None:
            rows = one.read(_raw(material, one))
            store.put(key, rows)
        return rows
    except MienError as error:
        if skip:
            return None
        raise InputError(sample.id, name, str(error)) from None


def _raw(material: Clip | str, one: Encoder) -> Any:
    if isinstance(material, str):
        return material
    return sound(material) if one.takes == "sound" else picture(material)
