"""What was hidden, told from the states of the transformer.

Published decoders map 50 words to a fixed number of frames with one weight a pair of places; here every frame asks the
words by its own place in time, so that any length will do. `FixedDecoder` is the published one.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.systems.cider.mct import sinusoid
from mien.research.systems.cider.wsam import masked_softmax


class StepDecoder(nn.Module):
    """Each step from the state at its own place: text, and frames that stand one a word."""

    def __init__(self, embed: int, width: int) -> None:
        super().__init__()
        self.out = nn.Linear(embed, width)

    def forward(self, states: Tensor, inside: Tensor, places: Tensor) -> Tensor:
        """states (n, words, embed) -> (n, steps, width), one for each of `places` (n, steps); 0 beyond the words."""
        lacking = places.shape[1] - states.shape[1]
        found: Tensor = nn.functional.pad(self.out(states), (0, 0, 0, lacking))
        return found


class FrameDecoder(nn.Module):
    """Each frame from the words it attends to, by its place in time."""

    def __init__(self, embed: int, width: int) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(embed, embed), nn.Linear(embed, embed)
        self.out = nn.Linear(embed, width)

    def forward(self, states: Tensor, inside: Tensor, places: Tensor) -> Tensor:
        """states (n, words, embed), inside (n, words) bool, places (n, steps) in words -> (n, steps, width)."""
        embed = states.shape[-1]
        words = sinusoid(torch.arange(states.shape[1], device=states.device), embed).to(states.dtype)
        asked = self.query(sinusoid(places, embed).to(states.dtype))
        scores = asked @ self.key(states + words).transpose(1, 2) * embed**-0.5
        mixed = masked_softmax(scores, inside.unsqueeze(1)) @ states
        found: Tensor = self.out(mixed.relu())
        return found


class FixedDecoder(nn.Module):
    """One weight for each pair of a word's and a frame's place, ReLU, a linear layer, as published."""

    def __init__(self, embed: int, width: int, words: int, frames: int) -> None:
        super().__init__()
        self.time, self.out = nn.Linear(words, frames), nn.Linear(embed, width)

    def forward(self, states: Tensor, inside: Tensor, places: Tensor) -> Tensor:
        """states (n, words, embed) -> (n, steps, width), one for each of `places` (n, steps), no more than frames."""
        found: Tensor = self.out(self.time(states.transpose(1, 2)).relu().transpose(1, 2))
        return found[:, : places.shape[1]]
