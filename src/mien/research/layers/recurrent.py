"""Recurrent networks that see real steps only."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

Cell = Literal["lstm", "gru"]


def compact(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Real steps moved to the front, in their order: values (n, time, width), counts (n,), order (n, time).

    `order[i, t]` is the step that now stands at t; what is not real becomes 0.
    """
    order = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)
    kept = torch.where(mask.unsqueeze(-1), values, values.new_zeros(()))
    moved = kept.gather(1, order.unsqueeze(-1).expand_as(kept))
    return moved, mask.sum(dim=1), order


def last_real(values: Tensor, mask: Tensor) -> Tensor:
    """The last real step of each sample: (n, time, width), (n, time) bool -> (n, width); 0 where no step is real."""
    steps = torch.arange(mask.shape[1], device=mask.device)
    at = torch.where(mask, steps, steps.new_zeros(())).amax(dim=1)
    chosen = values[torch.arange(len(values), device=values.device), at]
    return torch.where(mask.any(dim=1, keepdim=True), chosen, chosen.new_zeros(()))


class Recurrent(nn.Module):
    """An LSTM or GRU over the real steps; a step that is missing in the middle is stepped over.

    Returns the states (n, time, out), 0 where nothing is real, and the last states of the top layer (n, out), both
    directions side by side, 0 for a sample without any step. `out` is twice `hidden` where `both` directions are read.
    """

    def __init__(
        self, width: int, hidden: int, *, cell: Cell = "lstm", layers: int = 1, both: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        kind = nn.LSTM if cell == "lstm" else nn.GRU
        between = dropout if layers > 1 else 0.0
        self.net = kind(width, hidden, layers, batch_first=True, bidirectional=both, dropout=between)
        self.out = hidden * (2 if both else 1)

    def forward(self, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """values (n, time, width), mask (n, time) bool."""
        moved, counts, order = compact(values, mask)
        packed = pack_padded_sequence(moved, counts.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False)
        found, state = self.net(packed)
        states, _ = pad_packed_sequence(found, batch_first=True, total_length=values.shape[1])
        hidden = state[0] if isinstance(state, tuple) else state
        top = torch.cat(tuple(hidden[-2 if self.net.bidirectional else -1 :]), dim=-1)
        states = torch.zeros_like(states).scatter(1, order.unsqueeze(-1).expand_as(states), states)
        nothing = states.new_zeros(())
        return (
            torch.where(mask.unsqueeze(-1), states, nothing),
            torch.where(mask.any(dim=1, keepdim=True), top, nothing),
        )
