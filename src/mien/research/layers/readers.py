"""One vector a modality for Self-MM and MMIM: text as its encoder gives it, an LSTM's last state for the others."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.pooling import masked_mean
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.layers.subnetworks import LastState, kind_of
from mien.research.samples import Shape


class Readers(nn.Module):
    """Text is the mean over its real steps, or its first step; an absent modality is the vector of `StandIn`.

    states, outs: kind of modality ("audio", "video") -> LSTM states, width of its vector; widths: of all vectors.
    """

    def __init__(
        self, shape: Shape, states: Mapping[str, int], outs: Mapping[str, int], *, dropout: float = 0.0,
        both: bool = False, first_step: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.first_step = first_step
        self.standard = Standardise(shape.widths)
        self.nets = nn.ModuleDict()
        self.widths: dict[str, int] = {}
        for name, width in shape.widths.items():
            self.widths[name] = width
            if (kind := kind_of(name)) != "text":
                self.widths[name] = outs[kind]
                self.nets[name] = LastState(width, states[kind], outs[kind], dropout, both=both)
        self.absent = StandIn(self.widths)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """(n, width) of each modality."""
        found = {}
        for name in self.widths:
            values, mask = self.standard(batch.inputs[name], name), batch.masks[name]
            found[name] = self.absent(self._read(name, values, mask), mask.any(dim=1), name)
        return found

    def _read(self, name: str, values: Tensor, mask: Tensor) -> Tensor:
        if name in self.nets:
            found: Tensor = self.nets[name](values, mask)
            return found
        if self.first_step:
            mask = mask & (mask.cumsum(dim=1) == 1)
        return masked_mean(values, mask)
