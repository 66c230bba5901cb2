"""The listener: a recurrent network that hears, 50 times a second, what two larger networks would have in mind."""

from __future__ import annotations

import torch
from recogniser import WIDTH as WORDS
from torch import Tensor, nn

WIDTH = 256
"""States of either layer, as many as the speaker encoder's."""


class Listener(nn.Module):
    """Features (n, frames, 64) and mask (n, frames) to what the teachers hold: the speaker encoder's layers 1 and 2,
    (n, frames // 2, 256) each, and the recogniser's last, (n, frames // 2, 384).

    Frames beyond a clip's end are zero; what a step answers never depends on later steps but for the 40 ms that the two
    convolutions look ahead, so padding behind changes nothing.
    """

    def __init__(self, stem: int = 160) -> None:
        super().__init__()
        self.first = nn.Conv1d(64, stem, 5, stride=2, padding=2)
        self.second = nn.Conv1d(stem, stem, 3, padding=1)
        self.low = nn.LSTM(stem, WIDTH, batch_first=True)
        self.high = nn.LSTM(WIDTH, WIDTH, batch_first=True)
        self.read_low = nn.Linear(WIDTH, WIDTH)
        self.read_high = nn.Linear(WIDTH, WIDTH)
        self.read_words = nn.Linear(2 * WIDTH, WORDS)

    def forward(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Each value standardised over the teaching speech."""
        low, high = self.listen(features, mask)
        return self.read_low(low), self.read_high(high), self.read_words(torch.cat([low, high], dim=2))

    def listen(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The listener's own states of both layers."""
        x = torch.relu(self.first((features * mask[:, :, None]).transpose(1, 2)))
        x = torch.relu(self.second(x * mask[:, None, ::2])) * mask[:, None, ::2]
        low = self.low(x.transpose(1, 2))[0]
        return low, self.high(low)[0]
