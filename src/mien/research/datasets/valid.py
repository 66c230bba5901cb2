"""What every adapter ends with: the data set is sound, or one line says what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import DataError
from mien.research.samples import Data, Sample


def valid(data: Data) -> Data:
    """The same data; DataError naming the sample, the modality or the part that is wrong.

    Checked: there are samples; ids are unique; targets and further labels lie in the space, votes have its length;
    features are numbers (time, width), not empty, one width a modality, somewhere seen and finite there; parts hold
    known samples, no sample and no group twice.
    """
    if not data.samples:
        raise DataError(data.name, None, "has no samples here; `mien data describe` says how it lies on disk")
    ids: set[str] = set()
    for sample in data.samples:
        if sample.id in ids:
            raise DataError(data.name, None, f"two samples have the id {sample.id!r}")
        ids.add(sample.id)
        _target(data, sample, sample.target, "")
        for name, value in sample.labels.items():
            _target(data, sample, value, f"label {name}: ")
        _votes(data, sample)
        _features(data, sample)
    data.shape()
    _parts(data)
    return data


def _target(data: Data, sample: Sample, target: Any, which: str) -> None:
    labels, space, said = data.space.labels, data.space, f"{sample.id}: {which}"
    if data.task == "class":
        if np.ndim(target) or not 0 <= int(target) < len(labels):
            allowed = f"0 to {len(labels) - 1} ({', '.join(labels)})"
            raise DataError(data.name, None, f"{said}class {target} is none of {allowed}")
        return
    values = np.asarray(target)
    if values.shape != (len(labels),):
        raise DataError(data.name, None, f"{said}the target must have shape ({len(labels)},), got {values.shape}")
    if not np.isfinite(values).all():
        raise DataError(data.name, None, f"{said}the target has NaN or infinite values")
    if (values < space.low - 1e-6).any() or (values > space.high + 1e-6).any():
        raise DataError(data.name, None, f"{said}the target {values} is outside [{space.low:g}, {space.high:g}]")


def _votes(data: Data, sample: Sample) -> None:
    votes = sample.votes
    if votes is not None and (votes.shape != (len(data.space.labels),) or not (votes >= 0).all()):
        want = f"{len(data.space.labels)} counts of 0 or more ({', '.join(data.space.labels)})"
        raise DataError(data.name, None, f"{sample.id}: votes must be {want}, got {votes}")


def _features(data: Data, sample: Sample) -> None:
    for name, values in sample.features.items():
        if values.ndim != 2 or not values.size:
            raise DataError(
                data.name, None,
                f"{sample.id}: {name} must be (time, width) and not empty, got {values.shape}; "
                "leave out a modality that is absent",
            )  # fmt: skip
        seen = sample.seen.get(name)
        if values.dtype.kind not in "fiu":
            raise DataError(data.name, None, f"{sample.id}: {name} must hold numbers, not {values.dtype}")
        if seen is not None and (seen.dtype != bool or seen.shape != (len(values),) or not seen.any()):
            text = f"what is seen of {name} must be {len(values)} of true and false, one true at least; got {seen}"
            raise DataError(data.name, None, f"{sample.id}: {text}")
        if not np.isfinite(values if seen is None else values[seen]).all():
            raise DataError(
                data.name,
                None,
                f"{sample.id}: {name} has NaN or infinite features; mend them, or leave {name} out of it",
            )


def _parts(data: Data) -> None:
    samples: dict[int, str] = {}
    groups: dict[str, str] = {}
    for part, rows in data.parts.items():
        for row in rows:
            if not 0 <= row < len(data.samples):
                raise DataError(data.name, None, f"part {part} names sample {row} of {len(data.samples)}")
            if samples.setdefault(row, part) != part:
                raise DataError(data.name, None, f"{data.samples[row].id!r} is in {samples[row]} and in {part}")
            group = data.samples[row].group
            if groups.setdefault(group, part) != part:
                raise DataError(data.name, None, f"group {group!r} is in {groups[group]} and in {part}")
