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

    def forward(self, states: Tensor, inside: Tensor, steps: int) -> Tensor:
        """states (n, words, embed) -> (n, steps, width), no more steps than there are words; inside is not needed."""
        found: Tensor = self.out(states[:, :steps])
        return found


class FrameDecoder(nn.Module):
    """Each frame from the words it attends to, by its place in time."""

    def __init__(self, embed: int, width: int) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(embed, embed), nn.Linear(embed, embed)
        self.out = nn.Linear(embed, width)

    def forward(self, states: Tensor, inside: Tensor, steps: int) -> Tensor:
        """states (n, words, embed), inside (n, words) bool -> (n, steps, width)."""
        places = sinusoid(torch.arange(steps, device=states.device), states.shape[-1]).to(states.dtype)
        scores = self.query(places) @ self.key(states).transpose(1, 2) * states.shape[-1] ** -0.5
        mixed = masked_softmax(scores, inside.unsqueeze(1)) @ states
        found: Tensor = self.out(mixed.relu())
        return found


class FixedDecoder(nn.Module):
    """One weight for each pair of a word's and a frame's place, ReLU, a linear layer, as published."""

    def __init__(self, embed: int, width: int, words: int, frames: int) -> None:
        super().__init__()
        self.time, self.out = nn.Linear(words, frames), nn.Linear(embed, width)

    def forward(self, states: Tensor, inside: Tensor, steps: int) -> Tensor:
        """states (n, words, embed) -> (n, steps, width), no more steps than frames; inside is not needed."""
        found: Tensor = self.out(self.time(states.transpose(1, 2)).relu().transpose(1, 2))
        return found[:, :steps]
