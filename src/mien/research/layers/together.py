"""All modalities of a batch on one time line, with something at every step."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.standardise import Standardise
from mien.research.layers.timeline import extent, pushed_back, resample


class Together(nn.Module):
    """Modalities stretched or averaged onto one line, as long as the longest of the sample and `steps` at most.

    A learned vector (`absent`) stands for a modality at steps without it. front: published frame networks read the
    zeros in front of a sequence, up to so many steps (capped by `steps`) or the longest of the batch; 0 for none.
    """

    def __init__(self, widths: Mapping[str, int], steps: int, *, front: int = 0) -> None:
        super().__init__()
        self.names, self.steps, self.front = tuple(widths), steps, min(front, steps)
        self.standard = Standardise(widths)
        self.absent = nn.ParameterDict({name: nn.Parameter(torch.zeros(width)) for name, width in widths.items()})

    def forward(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
        """Values (n, time, width) and masks (n, time) of each modality, and where any of them is (n, time)."""
        values, masks, real = together(batch, self.standard, self.absent, self.steps)
        if self.front:
            return self._pushed(values, masks, real)
        return values, masks, real

    def _pushed(
        self, values: Mapping[str, Tensor], masks: Mapping[str, Tensor], real: Tensor
    ) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
        moved = {name: pushed_back(values[name], real, self.front)[0] for name in self.names}
        seen = {name: pushed_back(mask.unsqueeze(-1).float(), real, self.front)[0] for name, mask in masks.items()}
        line = pushed_back(real.unsqueeze(-1).float(), real, self.front)[1]
        return moved, {name: mask.squeeze(-1) > 0.5 for name, mask in seen.items()}, line


def together(
    batch: Batch, standard: Standardise, absent: nn.ParameterDict, steps: int
) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
    """What `Together` gives, for the modalities of `absent`, without zeros in front."""
    length = torch.stack([extent(batch.masks[name]) for name in absent]).amax(dim=0).clamp(max=steps)
    longest = max(int(length.max()), 1)
    values, masks = {}, {}
    for name, stand_in in absent.items():
        moved, mask = resample(standard(batch.inputs[name], name), batch.masks[name], length, longest)
        values[name], masks[name] = torch.where(mask.unsqueeze(-1), moved, stand_in), mask
    return values, masks, torch.stack(list(masks.values())).any(dim=0)
