"""What every adapter ends with: the data set is sound, or one line says what is wrong."""

from __future__ import annotations

import numpy as np

from mien.errors import DataError
from mien.research.samples import Data, Sample


def valid(data: Data) -> Data:
    """The same data; DataError naming the sample, the modality or the part that is wrong.

    Checked: there are samples; ids are unique; targets lie in the space; features are (time, width), not empty, one
    width a modality, finite where seen; parts hold known samples, no sample and no group twice.
    """
    if not data.samples:
        raise DataError(data.name, None, "has no samples here; `mien data describe` says how it lies on disk")
    ids: set[str] = set()
    for sample in data.samples:
        if sample.id in ids:
            raise DataError(data.name, None, f"two samples have the id {sample.id!r}")
        ids.add(sample.id)
        _target(data, sample)
        _features(data, sample)
    data.shape()
    _parts(data)
    return data


def _target(data: Data, sample: Sample) -> None:
    labels, space = data.space.labels, data.space
    if data.task == "class":
        if np.ndim(sample.target) or not 0 <= int(sample.target) < len(labels):
            raise DataError(
                data.name,
                None,
                f"{sample.id}: class {sample.target} is none of 0 to {len(labels) - 1} ({', '.join(labels)})",
            )
        return
    values = np.asarray(sample.target)
    if values.shape != (len(labels),):
        raise DataError(
            data.name, None, f"{sample.id}: the target must have shape ({len(labels)},), got {values.shape}"
        )
    if not np.isfinite(values).all():
        raise DataError(data.name, None, f"{sample.id}: the target has NaN or infinite values")
    if (values < space.low - 1e-6).any() or (values > space.high + 1e-6).any():
        raise DataError(data.name, None, f"{sample.id}: the target {values} is outside [{space.low:g}, {space.high:g}]")


def _features(data: Data, sample: Sample) -> None:
    for name, values in sample.features.items():
        if values.ndim != 2 or not values.size:
            raise DataError(
                data.name, None,
                f"{sample.id}: {name} must be (time, width) and not empty, got {values.shape}; "
                "leave out a modality that is absent",
            )  # fmt: skip
        seen = sample.seen.get(name)
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
