"""Features of mean 0 and deviation 1, as the training samples have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from mien.research.batch import Batch


class Standardise(nn.Module):
    """Shifts and scales each feature of each modality; before `fit` it changes nothing.

    The figures are buffers, so they are saved with the model; they come from real steps of training batches alone.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.names = tuple(widths)
        for name, width in widths.items():
            self.register_buffer(f"mean_{name}", torch.zeros(width))
            self.register_buffer(f"scale_{name}", torch.ones(width))

    def forward(self, values: Tensor, name: str) -> Tensor:
        """(..., width) of that modality, standardised."""
        return (values - self.get_buffer(f"mean_{name}")) / self.get_buffer(f"scale_{name}")

    @torch.no_grad()
    def fit(self, batches: Iterable[Batch]) -> None:
        """Mean and deviation over all real steps; a feature that never changes keeps its scale."""
        count = dict.fromkeys(self.names, 0)
        first = {name: self.get_buffer(f"mean_{name}").double() * 0 for name in self.names}
        second = {name: values.clone() for name, values in first.items()}
        for batch in batches:
            for name in self.names:
                real = batch.inputs[name][batch.masks[name]].double()
                count[name] += len(real)
                first[name] += real.sum(dim=0)
                second[name] += real.square().sum(dim=0)
        for name in self.names:
            mean = first[name] / max(count[name], 1)
            deviation = (second[name] / max(count[name], 1) - mean.square()).clamp(min=0).sqrt()
            # Sums of squares cannot tell a deviation from rounding under about 1e-6 of the mean.
            flat = deviation <= 1e-6 * mean.abs().clamp(min=1e-6)
            self.get_buffer(f"mean_{name}").copy_(mean)
            self.get_buffer(f"scale_{name}").copy_(torch.where(flat, torch.ones_like(deviation), deviation))


def standardise_all(model: nn.Module, batches: Iterable[Batch]) -> None:
    """Fit every `Standardise` of a model; made for `Stage.before`."""
    for module in model.modules():
        if isinstance(module, Standardise):
            module.fit(batches)
