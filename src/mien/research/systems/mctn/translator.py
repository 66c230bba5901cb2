"""A sequence to a sequence, with attention (Bahdanau et al. 2015) over what was read."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.layers.recurrent import Recurrent


class Translator(nn.Module):
    """A bidirectional LSTM reads (both directions are added), an LSTM with attention tells."""

    def __init__(self, width: int, out: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.width, self.out, self.hidden = width, out, hidden
        self.read = Recurrent(width, hidden, both=True)
        self.drop = nn.Dropout(dropout)
        self.start = nn.Linear(hidden, hidden, bias=False)
        self.ask, self.answer = nn.Linear(hidden, hidden, bias=False), nn.Linear(hidden, hidden, bias=False)
        self.weigh = nn.Linear(hidden, 1, bias=False)
        self.cell = nn.LSTMCell(out + hidden, hidden)
        self.tell = nn.Linear(2 * hidden, out)

    def encode(self, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """values (n, time, width), mask (n, time) -> the joint sequence (n, time, hidden), the first state of `decode`
        (n, hidden)."""
        states, last = self.read(values, mask)
        joint = self.drop(states[..., : self.hidden] + states[..., self.hidden :])
        return joint, torch.tanh(self.start(last[:, : self.hidden] + last[:, self.hidden :]))

    def decode(
        self, joint: Tensor, mask: Tensor, state: Tensor, steps: int, truth: Tensor | None, teacher: float
    ) -> Tensor:
        """`steps` steps (n, steps, out); before each the last one told is read, or with the chance `teacher` the true
        one of `truth` (n, steps, out)."""
        keys = self.answer(joint)
        told = joint.new_zeros(len(joint), self.out)
        cell = torch.zeros_like(state)
        found: list[Tensor] = []
        for step in range(steps):
            if step and truth is not None and teacher and float(torch.rand(())) < teacher:
                told = truth[:, step - 1]
            scores = self.weigh(torch.tanh(self.ask(state).unsqueeze(1) + keys)).squeeze(-1)
            weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=1)
            context = torch.einsum("nt,nth->nh", weights, joint)
            state, cell = self.cell(torch.cat([told, context], dim=1), (state, cell))
            told = self.tell(torch.cat([state, context], dim=1))
            found.append(told)
        return torch.stack(found, dim=1)
