"""What Self-MM keeps by training sample: labels and features of the whole and of each modality, and their centres."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mien.research.layers.unimodal_labels import centres, generated, momentum, nearness

WHOLE = "whole"


class Tables(nn.Module):
    """Buffers that grow with the samples seen, so that a run goes on where it stopped; `forget` empties them.

    labels/name: (seen, outputs), NaN where a sample was not seen or lacks the modality; features/name: (seen, width);
    centres/name: (2, outputs, width), positive and negative, NaN before the first.
    """

    epoch: Tensor
    reach: Tensor

    def __init__(self, widths: Mapping[str, int], outputs: int) -> None:
        super().__init__()
        self.names = tuple(widths)
        self.widths, self.outputs = {WHOLE: widths[WHOLE], **widths}, outputs
        self.register_buffer("epoch", torch.ones((), dtype=torch.int64))
        self.register_buffer("reach", torch.zeros(()))
        for name, width in self.widths.items():
            self.register_buffer(f"centres_{name}", torch.full((2, outputs, width), torch.nan))
        self.forget()

    def forget(self) -> None:
        """Drop what belongs to single samples."""
        for name, width in self.widths.items():
            place = self.epoch.device
            self.register_buffer(f"labels_{name}", torch.zeros(0, self.outputs, device=place))
            self.register_buffer(f"features_{name}", torch.zeros(0, width, device=place))

    def labels(self, name: str, index: Tensor, otherwise: Tensor) -> Tensor:
        """(n, outputs) of the samples of this index; `otherwise` (n, outputs) for those without one."""
        table = self.get_buffer(f"labels_{name}")
        known = (index >= 0) & (index < len(table))
        if not len(table):
            return otherwise
        found = table[torch.where(known, index, index.new_zeros(()))]
        return torch.where(known.unsqueeze(1) & ~found.isnan(), found, otherwise)

    @torch.no_grad()
    def learn(
        self, index: Tensor, target: Tensor, features: Mapping[str, Tensor], present: Mapping[str, Tensor],
        *, limit: float, exclude_zero: bool,
    ) -> None:  # fmt: skip
        """One training batch: new labels (from epoch 2 on, by the centres so far), then features, then centres."""
        known = index >= 0
        index = index[known]
        features = {name: values[known].float() for name, values in features.items()}
        target = target[known].float()
        self._grow(int(index.max()) + 1 if len(index) else 0)
        self.reach = torch.maximum(self.reach, target.abs().amax() if len(index) else self.reach)
        of_whole = nearness(features[WHOLE], *self.get_buffer(f"centres_{WHOLE}"))
        for name in self.widths:
            rows = torch.ones_like(index, dtype=torch.bool) if name == WHOLE else present[name][known]
            label = self.labels(name, index, target)
            if name != WHOLE and int(self.epoch) > 1:
                single = nearness(features[name], *self.get_buffer(f"centres_{name}"))
                new = generated(target, of_whole, single, limit or self.reach)
                label = torch.where(new.isfinite(), momentum(label, new, int(self.epoch)), label)
            self.get_buffer(f"labels_{name}")[index[rows]] = label[rows]
            self.get_buffer(f"features_{name}")[index[rows]] = features[name][rows]
            self._centre(name, exclude_zero)

    def _centre(self, name: str, exclude_zero: bool) -> None:
        """A centre without a sample stays as it was."""
        table, old = self.get_buffer(f"features_{name}"), self.get_buffer(f"centres_{name}")
        new = torch.stack(centres(table, self.get_buffer(f"labels_{name}"), exclude_zero=exclude_zero))
        old.copy_(torch.where(new.isnan(), old, new))

    def _grow(self, size: int) -> None:
        for name in self.widths:
            for kind, fill in (("labels", torch.nan), ("features", 0.0)):
                table = self.get_buffer(f"{kind}_{name}")
                if (more := size - len(table)) > 0:
                    rows = table.new_full((more, table.shape[1]), fill)
                    setattr(self, f"{kind}_{name}", torch.cat([table, rows]))
