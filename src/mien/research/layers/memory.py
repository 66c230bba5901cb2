"""Networks of one LSTM a modality and a memory between them (Zadeh et al. 2018, "Memory Fusion Network")."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Cells(nn.Module):
    """One LSTM a modality, all of them moved together; a step that is not real leaves every state as it is."""

    def __init__(self, widths: Mapping[str, int], hidden: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(hidden)
        self.read = nn.ModuleDict({name: nn.Linear(width, 4 * hidden) for name, width in widths.items()})
        self.again = nn.Parameter(torch.empty(len(widths), hidden, 4 * hidden).uniform_(-bound, bound))
        for values in self.read.parameters():
            nn.init.uniform_(values, -bound, bound)

    def forward(self, values: Mapping[str, Tensor], real: Tensor) -> tuple[Tensor, Tensor]:
        """values (n, time, width) by modality, real (n, time) -> states and cells (n, time, modalities, hidden)."""
        gates = torch.stack([read(values[name]) for name, read in self.read.items()])
        state = gates.new_zeros(len(gates), len(real), self.again.shape[1])
        cell = state
        states, cells = [], []
        for step in range(real.shape[1]):
            moved = gates[:, :, step] + torch.bmm(state, self.again)
            enter, forget, new, leave = moved.chunk(4, dim=-1)
            fresh = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
            here = real[:, step, None]
            state = torch.where(here, leave.sigmoid() * fresh.tanh(), state)
            cell = torch.where(here, fresh, cell)
            states.append(state)
            cells.append(cell)
        return torch.stack(states).permute(2, 0, 1, 3), torch.stack(cells).permute(2, 0, 1, 3)


class Gate(nn.Module):
    """sigmoid(Linear(dropout(ReLU(Linear([told; memory]))))): the part of what is told is computed for all steps."""

    def __init__(self, told: int, memory: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.told, self.memory = nn.Linear(told, hidden), nn.Linear(memory, hidden, bias=False)
        self.body = nn.Sequential(nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, memory), nn.Sigmoid())

    def forward(self, told: Tensor, memory: Tensor) -> Tensor:
        """told (n, hidden) as `self.told` gives it, memory (n, memory) -> (n, memory)."""
        found: Tensor = self.body(told + self.memory(memory))
        return found


class GatedMemory(nn.Module):
    """m = g1 m + g2 c, both gates made of what is told and of m (the paper's multi-view gated memory)."""

    def __init__(self, told: int, memory: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.retain, self.update = Gate(told, memory, hidden, dropout), Gate(told, memory, hidden, dropout)

    def forward(self, told: Tensor, proposed: Tensor, real: Tensor) -> Tensor:
        """told (n, time, width), proposed (n, time, memory), real (n, time) -> the last memory (n, memory)."""
        kept, added = self.retain.told(told), self.update.told(told)
        memory = proposed.new_zeros(len(proposed), proposed.shape[2])
        for step in range(real.shape[1]):
            new = self.retain(kept[:, step], memory) * memory
            new = new + self.update(added[:, step], memory) * proposed[:, step]
            memory = torch.where(real[:, step, None], new, memory)
        return memory


class MemoryFusion(nn.Module):
    """Cells, attention over the cells of this step and the one before, gated memory."""

    def __init__(self, widths: Mapping[str, int], hidden: int, memory: int, dropout: float) -> None:
        super().__init__()
        both = 2 * hidden * len(widths)
        self.cells = Cells(widths, hidden)
        self.attend = two_layers(both, hidden, both, dropout)
        self.propose = two_layers(both, hidden, memory, dropout)
        self.memory = GatedMemory(both, memory, hidden, dropout)
        self.out = hidden * len(widths) + memory

    def forward(self, values: Mapping[str, Tensor], real: Tensor) -> Tensor:
        """values (n, time, width) by modality, real (n, time) -> last states and memory (n, out)."""
        states, cells = self.cells(values, real)
        pair = torch.cat([before(cells).flatten(2), cells.flatten(2)], dim=-1)
        attended = self.attend(pair).softmax(dim=-1) * pair
        memory = self.memory(attended, self.propose(attended).tanh(), real)
        return torch.cat([states[:, -1].flatten(1), memory], dim=1)


def two_layers(width: int, hidden: int, out: int, dropout: float) -> nn.Sequential:
    """Linear, ReLU, dropout, Linear."""
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, out))


def before(states: Tensor) -> Tensor:
    """Each step's state before it, 0 before the first: (n, time, ...) alike."""
    return torch.cat([torch.zeros_like(states[:, :1]), states[:, :-1]], dim=1)
