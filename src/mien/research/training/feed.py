"""Samples laid flat once, so that a batch is one look-up a modality instead of a loop over samples."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mien.errors import DataError
from mien.research.batch import Batch
from mien.research.samples import Sample, Shape

Rows = tuple[int, ...]


class Feed:
    """Batches of checked samples; equal to `batch.collate`, only faster.

    units: what stays together, a sample or (dialogue) all turns of a group in order; training: whether `Batch.index`
    counts from 0 up (training samples) or from -1 down (all others); targets: False to answer without looking at them,
    they are then zeros.
    Raises DataError naming the sample for NaN or infinite features, an empty sequence, a wrong width or target.
    """

    def __init__(
        self, samples: Sequence[Sample], shape: Shape, *, dialogue: bool = False, training: bool = False,
        device: torch.device | str = "cpu", targets: bool = True,
    ) -> None:  # fmt: skip
        self.device = torch.device(device)
        self.ids = tuple(sample.id for sample in samples)
        self._flat = {name: _lay(samples, name, width, self.device) for name, width in shape.widths.items()}
        self._target = (_targets if targets else _nothing)(samples, shape).to(self.device)
        self._groups = _numbers([sample.group for sample in samples]).to(self.device)
        self._speakers = _numbers([sample.speaker for sample in samples]).to(self.device)
        self._places = torch.tensor([float(sample.place) for sample in samples]).to(self.device)
        self.training = training
        self.units = _dialogues(samples) if dialogue else [(place,) for place in range(len(samples))]
        self._unit = {row: place for place, unit in enumerate(self.units) for row in unit}

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def speakers(self) -> Tensor:
        """(n,) int64, equal for one speaker, -1 where unknown."""
        return self._speakers

    def digest(self) -> str:
        """A hash of all that it feeds."""
        found = hashlib.sha256("\n".join(self.ids).encode())
        for name, flat in self._flat.items():
            found.update(name.encode())
            for entry in dataclasses.fields(flat):
                values = getattr(flat, entry.name)
                found.update(b"" if values is None else values.cpu().numpy().data)
        for values in (self._target, self._groups, self._speakers, self._places):
            found.update(values.cpu().numpy().data)
        return found.hexdigest()

    def order(self, size: int, rng: np.random.Generator | None = None) -> list[Rows]:
        """Rows of each batch of `size` units, shuffled by `rng`, or in the order of the data."""
        units = range(len(self.units)) if rng is None else rng.permutation(len(self.units)).tolist()
        return [
            tuple(row for unit in units[first : first + size] for row in self.units[unit])
            for first in range(0, len(units), size)
        ]

    def part(self, rows: Rows, rank: int, count: int) -> Rows:
        """Every count-th unit of these rows from the rank-th on; units stay whole."""
        if len(self.units) == len(self.ids):  # samples: a sampler may have drawn one twice
            return tuple(rows[rank::count])
        units = list(dict.fromkeys(self._unit[row] for row in rows))
        return tuple(row for unit in units[rank::count] for row in self.units[unit])

    def batch(self, rows: Sequence[int]) -> Batch:
        """These samples as a batch on the feed's device."""
        at = torch.from_numpy(np.array(rows, np.int64))  # a third of the time of torch.tensor, at every step
        there = at.to(self.device)
        inputs, masks = {}, {}
        for name, flat in self._flat.items():
            inputs[name], masks[name] = flat.take(at, there)
        return Batch(
            inputs,
            masks,
            self._target.index_select(0, there),
            self._groups.index_select(0, there),
            self._places.index_select(0, there),
            tuple(self.ids[row] for row in rows),
            there if self.training else -1 - there,
            self._speakers.index_select(0, there),
        )


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches of a feed in the order of its data, as often as one asks."""

    feed: Feed
    size: int

    def __iter__(self) -> Iterator[Batch]:
        return (self.feed.batch(rows) for rows in self.feed.order(self.size))

    def __len__(self) -> int:
        return -(-len(self.feed.units) // self.size)


@dataclass(frozen=True, slots=True)
class _Flat:
    """All steps of one modality: values (all steps, width); start and count: (n,) of each sample; seen: (all steps,)
    bool, None where all are."""

    values: Tensor
    start: Tensor
    count: Tensor
    seen: Tensor | None

    def take(self, at: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """(n, time, width) and (n, time) of the samples `at`, which are `there` on the device."""
        count = self.count[at]
        longest = max(int(count.max()), 1) if len(count) else 1
        steps = torch.arange(longest)
        mask = steps < count.unsqueeze(1)
        where = (self.start[at].unsqueeze(1) + steps).masked_fill_(~mask, len(self.values) - 1)
        where, mask = where.to(self.values.device), mask.to(self.values.device)
        values = self.values.index_select(0, where.flatten()).view(*where.shape, self.values.shape[1])
        return values, mask if self.seen is None else mask & self.seen[where]


@dataclass(frozen=True, slots=True)
class _Single:
    """A modality of at most one step a sample: values (n, 1, width) and mask (n, 1)."""

    values: Tensor
    mask: Tensor

    def take(self, at: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """As that of `_Flat`."""
        return self.values.index_select(0, there), self.mask.index_select(0, there)


def _lay(samples: Sequence[Sample], name: str, width: int, device: torch.device) -> _Flat | _Single:
    rows = [sample.features.get(name) for sample in samples]
    count = np.array([0 if row is None else len(row) for row in rows], np.int64)
    values = np.zeros((int(count.sum()) + 1, width), np.float32)  # the last step is nothing: all padding points at it
    seen = np.ones(len(values), bool)
    start = np.concatenate([[0], np.cumsum(count)[:-1]]).astype(np.int64) if len(count) else count
    for sample, row, first in zip(samples, rows, start, strict=True):
        if row is None:
            continue
        if row.ndim != 2 or row.shape[1] != width or not len(row):
            advice = "leave the modality out where it is absent" if row.ndim == 2 and not len(row) else ""
            raise DataError(
                sample.id, None, f"{name} must be (time, {width}), got {tuple(row.shape)}; {advice}".rstrip("; ")
            )
        here = seen[first : first + len(row)]
        here &= sample.seen.get(name, True)
        values[first : first + len(row)][here] = row[here]
    if not np.isfinite(values).all():
        step = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        sample = samples[int(np.searchsorted(start + count, step, side="right"))]
        raise DataError(
            sample.id, None, f"{name} has NaN or infinite features; drop them, or the modality of the sample"
        )
    if (count <= 1).all():
        only = np.where(count > 0, start, len(values) - 1)
        mask = ((count > 0) & seen[only])[:, None]
        return _Single(torch.from_numpy(values[only][:, None]).to(device), torch.from_numpy(mask).to(device))
    there = None if seen.all() else torch.from_numpy(seen).to(device)
    return _Flat(torch.from_numpy(values).to(device), torch.from_numpy(start), torch.from_numpy(count), there)


def _targets(samples: Sequence[Sample], shape: Shape) -> Tensor:
    if shape.task == "class":
        for sample in samples:
            if np.ndim(sample.target) or not 0 <= int(sample.target) < shape.outputs:
                raise DataError(sample.id, None, f"the class must be 0 to {shape.outputs - 1}, got {sample.target}")
        return torch.tensor([int(sample.target) for sample in samples], dtype=torch.int64)
    values = np.zeros((len(samples), shape.outputs), np.float32)
    for place, sample in enumerate(samples):
        given = np.asarray(sample.target, np.float32)
        if given.shape != (shape.outputs,) or not np.isfinite(given).all():
            raise DataError(sample.id, None, f"the target must be {shape.outputs} finite numbers, got {sample.target}")
        values[place] = given
    return torch.from_numpy(values)


def _nothing(samples: Sequence[Sample], shape: Shape) -> Tensor:
    if shape.task == "class":
        return torch.zeros(len(samples), dtype=torch.int64)
    return torch.zeros(len(samples), shape.outputs)


def _numbers(names: Sequence[str]) -> Tensor:
    """Equal numbers for equal names, -1 for no name."""
    seen: dict[str, int] = {}
    return torch.tensor([seen.setdefault(name, len(seen)) if name else -1 for name in names], dtype=torch.int64)


def _dialogues(samples: Sequence[Sample]) -> list[Rows]:
    turns: dict[str, list[int]] = {}
    for row, sample in enumerate(samples):
        turns.setdefault(sample.group, []).append(row)
    return [tuple(sorted(rows, key=lambda row: samples[row].place)) for rows in turns.values()]
