"""Samples as tensors: padded, masked, and with what is absent marked as absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from mien.research.samples import Sample, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """n samples.

    inputs: modality -> (n, time, width) float32, zeros where nothing is; masks: modality -> (n, time) bool, True where
    a step is real, all False where the modality is absent in that sample; target: (n,) int64 for a class, (n, labels)
    or (n, values) float32; groups: (n,) int64, equal for samples of one group; places: (n,) float32 order inside it;
    ids: the samples' own; index: (n,) int64 place of each sample in the data set, for what a system keeps by sample.
    """

    inputs: Mapping[str, Tensor]
    masks: Mapping[str, Tensor]
    target: Tensor
    groups: Tensor
    places: Tensor
    ids: tuple[str, ...]
    index: Tensor

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
        )

    def without(self, *modalities: str) -> Batch:
        """The same batch with these modalities absent in every sample."""
        return self.keep({name: torch.zeros_like(self.masks[name]) for name in modalities})

    def keep(self, masks: Mapping[str, Tensor]) -> Batch:
        """The same batch with only the steps that these masks (and its own) keep; the others become zeros."""
        kept = {name: mask & masks[name] if name in masks else mask for name, mask in self.masks.items()}
        inputs = {name: values * kept[name].unsqueeze(-1) for name, values in self.inputs.items()}
        return replace(self, inputs=inputs, masks=kept)


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
                values[place, : len(row)] = row
                real[place, : len(row)] = True
        inputs[name], masks[name] = torch.from_numpy(values), torch.from_numpy(real)
    if shape.task == "class":
        target = torch.tensor([int(sample.target) for sample in samples])
    else:
        target = torch.from_numpy(np.stack([np.asarray(sample.target, np.float32) for sample in samples]))
    names = {group: place for place, group in enumerate(dict.fromkeys(sample.group for sample in samples))}
    return Batch(
        inputs,
        masks,
        target,
        torch.tensor([names[sample.group] for sample in samples]),
        torch.tensor([float(sample.place) for sample in samples]),
        tuple(sample.id for sample in samples),
        torch.tensor(list(range(len(samples)) if index is None else index)),
    )
