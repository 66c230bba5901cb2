"""Samples as tensors: padded, masked, and with what is absent marked as absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from mien.errors import DataError, RequestError
from mien.research.samples import Sample, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """n samples.

    inputs: modality -> (n, time, width) float32, zeros where nothing is; masks: modality -> (n, time) bool, True where
    a step is real, all False where the modality is absent in that sample; target: (n,) int64 for a class, (n, labels)
    or (n, values) float32; groups: (n,) int64, equal for samples of one group; places: (n,) float32 order inside it;
    ids: the samples' own; index: (n,) int64 place among the training samples, for what a system keeps by sample,
    and negative for samples of any other part; speakers: (n,) int64, equal for one speaker, -1 where unknown.
    A dialogue system's batch holds all turns of several dialogues: see `layers.dialogue`.
    """

    inputs: Mapping[str, Tensor]
    masks: Mapping[str, Tensor]
    target: Tensor
    groups: Tensor
    places: Tensor
    ids: tuple[str, ...]
    index: Tensor
    speakers: Tensor = field(default_factory=lambda: torch.zeros(0, dtype=torch.int64))

    def __post_init__(self) -> None:
        if not len(self.speakers) and len(self.ids):
            object.__setattr__(self, "speakers", torch.full_like(self.groups, -1))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def present(self) -> dict[str, Tensor]:
        """Modality -> (n,) bool: whether the sample has any step of it."""
        return {name: mask.any(dim=1) for name, mask in self.masks.items()}

    def to(self, device: torch.device | str) -> Batch:
        """The same batch on another device."""
        return replace(
            self,
            inputs={k: v.to(device) for k, v in self.inputs.items()},
            masks={k: v.to(device) for k, v in self.masks.items()},
            target=self.target.to(device),
            groups=self.groups.to(device),
            places=self.places.to(device),
            index=self.index.to(device),
            speakers=self.speakers.to(device),
        )

    def without(self, *modalities: str) -> Batch:
        """The same batch with these modalities absent in every sample."""
        return self.keep({name: torch.zeros_like(self.masks[name]) for name in modalities})

    def keep(self, masks: Mapping[str, Tensor]) -> Batch:
        """The same batch with only the steps that these masks (and its own) keep; the others become zeros."""
        kept = {name: mask & masks[name] if name in masks else mask for name, mask in self.masks.items()}
        inputs = {name: values * kept[name].unsqueeze(-1) for name, values in self.inputs.items()}
        return replace(self, inputs=inputs, masks=kept)


def expect(batch: Batch, shape: Shape) -> None:
    """RequestError naming the expected shape where a batch does not fit; modalities beyond `shape` are let be."""
    for name, width in shape.widths.items():
        want = f"a batch of {len(batch)} must have {name} as ({len(batch)}, time, {width})"
        if name not in batch.inputs:
            raise RequestError(f"{want}; it has: {', '.join(batch.inputs) or 'nothing'}; mask what is absent")
        got, mask = tuple(batch.inputs[name].shape), tuple(batch.masks[name].shape)
        if len(got) != 3 or got[0] != len(batch) or got[2] != width:
            raise RequestError(f"{want}, got {got}")
        if mask != got[:2]:
            raise RequestError(f"the mask of {name} must be {got[:2]}, got {mask}")


def collate(samples: Sequence[Sample], shape: Shape, index: Sequence[int] | None = None) -> Batch:
    """Pad samples to the longest of the batch; every modality of `shape` is there, at least one step long."""
    inputs, masks = {}, {}
    for name, width in shape.widths.items():
        rows = [sample.features.get(name) for sample in samples]
        longest = max((len(row) for row in rows if row is not None), default=1)
        values = np.zeros((len(samples), max(longest, 1), width), np.float32)
        real = np.zeros(values.shape[:2], bool)
        for place, row in enumerate(rows):
            if row is not None:
                if row.ndim != 2 or row.shape[1] != width:
                    sample = samples[place].id
                    raise DataError(sample, None, f"{name} must be (time, {width}), got {tuple(row.shape)}")
                seen = samples[place].seen.get(name, np.ones(len(row), bool))
                values[place, : len(row)][seen] = row[seen]
                real[place, : len(row)] = seen
        inputs[name], masks[name] = torch.from_numpy(values), torch.from_numpy(real)
    if shape.task == "class":
        target = torch.tensor([int(sample.target) for sample in samples])
    else:
        target = torch.from_numpy(np.stack([np.asarray(sample.target, np.float32) for sample in samples]))
    voices: dict[str, int] = {}
    names = {group: place for place, group in enumerate(dict.fromkeys(sample.group for sample in samples))}
    return Batch(
        inputs,
        masks,
        target,
        torch.tensor([names[sample.group] for sample in samples]),
        torch.tensor([float(sample.place) for sample in samples]),
        tuple(sample.id for sample in samples),
        torch.tensor(list(range(len(samples)) if index is None else index)),
        torch.tensor([voices.setdefault(s.speaker, len(voices)) if s.speaker else -1 for s in samples]),
    )
