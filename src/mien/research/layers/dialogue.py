"""Turns of several dialogues as (dialogues, turns, width), and back.

A dialogue system gets whole dialogues: one `Batch` holds all turns of several, in any order; `groups` tells the
dialogues apart, `places` gives the order of the turns, `speakers` who speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mien.research.batch import Batch


@dataclass(frozen=True, slots=True, eq=False)
class Dialogues:
    """How the n turns of a batch lie in (dialogues, turns).

    rows: (dialogues, turns) int64, the turn's place in the batch, 0 where there is none; mask: (dialogues, turns) bool,
    True where a turn is real (always from the left); back: (n,) int64 place of each turn in the flattened table;
    parties: (dialogues, turns) int64, the speaker by order of first appearance in the dialogue; -1 where unknown or
    no turn.
    """

    rows: Tensor
    mask: Tensor
    back: Tensor
    parties: Tensor

    @classmethod
    def of(cls, batch: Batch) -> Dialogues:
        """Turns by place; two of one place by their index in the data set."""
        group, places, index = batch.groups.cpu(), batch.places.cpu(), batch.index.cpu()
        index = index ^ (index >> 63)  # -1, -2, -3 stand for 0, 1, 2 outside of the training part
        order = torch.arange(len(group))
        for key in (index, places, group):
            order = order[torch.argsort(key[order], stable=True)]
        _, of_group, counts = torch.unique_consecutive(group[order], return_inverse=True, return_counts=True)
        start = torch.cumsum(counts, 0) - counts
        turn = torch.arange(len(order)) - start[of_group]
        longest = int(counts.max()) if len(counts) else 0
        rows = torch.zeros(len(counts), longest, dtype=torch.int64)
        rows[of_group, turn] = order
        mask = torch.arange(longest) < counts.unsqueeze(1)
        back = torch.empty_like(order)
        back[order] = of_group * longest + turn
        device = batch.groups.device
        parties = _parties(batch.speakers.cpu()[rows].masked_fill(~mask, -1))
        return cls(rows.to(device), mask.to(device), back.to(device), parties.to(device))

    def fold(self, values: Tensor) -> Tensor:
        """(n, ...) -> (dialogues, turns, ...), zeros where there is no turn."""
        table = values[self.rows]
        mask = self.mask.reshape(*self.mask.shape, *[1] * (values.dim() - 1))
        return torch.where(mask, table, table.new_zeros(()))

    def flat(self, table: Tensor) -> Tensor:
        """(dialogues, turns, ...) -> (n, ...), in the order of the batch."""
        return table.flatten(0, 1)[self.back]


def _parties(speakers: Tensor) -> Tensor:
    """Speakers of each row numbered 0, 1, 2 as they first appear; -1 stays."""
    numbered = torch.full_like(speakers, -1)
    for row, line in enumerate(speakers.tolist()):
        seen: dict[int, int] = {}
        numbered[row] = torch.tensor([seen.setdefault(who, len(seen)) if who >= 0 else -1 for who in line])
    return numbered
