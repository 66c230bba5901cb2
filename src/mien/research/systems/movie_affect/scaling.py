"""Every feature between 0 and 1: as the training part has it, or (published) within each film."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.samples import Array, Sample


class MinMax(nn.Module):
    """(x - low) / (high - low) of each feature; before `fit` it changes nothing. Both are saved with the model."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.names = tuple(widths)
        for name, width in widths.items():
            self.register_buffer(f"low_{name}", torch.zeros(width))
            self.register_buffer(f"range_{name}", torch.ones(width))

    def forward(self, values: Tensor, name: str) -> Tensor:
        """(..., width) of that modality; values beyond what training has seen leave [0, 1]."""
        return (values - self.get_buffer(f"low_{name}")) / self.get_buffer(f"range_{name}")

    @torch.no_grad()
    def fit(self, batches: Iterable[Batch]) -> None:
        """Lowest and highest real value; a feature that never changes keeps its scale."""
        low: dict[str, Tensor] = {}
        high: dict[str, Tensor] = {}
        for batch in batches:
            for name in self.names:
                real = batch.inputs[name][batch.masks[name]]
                if len(real):
                    least, most = real.amin(dim=0), real.amax(dim=0)
                    low[name] = torch.minimum(low.get(name, least), least)
                    high[name] = torch.maximum(high.get(name, most), most)
        for name in low:
            width = high[name] - low[name]
            self.get_buffer(f"low_{name}").copy_(low[name])
            self.get_buffer(f"range_{name}").copy_(torch.where(width > 0, width, torch.ones_like(width)))


def fit_scales(model: nn.Module, batches: Iterable[Batch]) -> None:
    """Fit every `MinMax` of a model; made for `Stage.before`."""
    for module in model.modules():
        if isinstance(module, MinMax):
            module.fit(batches)


def per_recording(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """The published scaling: between 0 and 1 within each group, so that a frame of a test film is told by all of it."""
    ends: dict[tuple[str, str], tuple[Array, Array]] = {}
    for sample in samples:
        for name, values in sample.features.items():
            least, most = ends.get((sample.group, name), (values[0], values[0]))
            ends[sample.group, name] = (
                np.minimum(least, values.min(axis=0)), np.maximum(most, values.max(axis=0))
            )  # fmt: skip
    return tuple(
        replace(sample, features={n: _scaled(v, *ends[sample.group, n]) for n, v in sample.features.items()})
        for sample in samples
    )


def _scaled(values: Array, low: Array, high: Array) -> Array:
    width = np.where(high > low, high - low, 1.0)
    scaled: Array = ((values - low) / width).astype(values.dtype)
    return scaled
