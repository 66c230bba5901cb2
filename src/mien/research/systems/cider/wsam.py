"""Word-level self-aligned attention (WSAM): frames of another modality gathered for each word.

Source: gw-zhong/CIDer @2f86cbe, modules/compressed_multihead_attention.py.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WordAlignment(nn.Module):
    """One-head attention from words to frames: (n, words, width) and (n, frames, width) -> (n, words, width).

    A word without attention (padding, or a mark) gives exactly the bias of `out`.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.projection = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.scale = width**-0.5
        nn.init.xavier_uniform_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)

    def forward(self, words: Tensor, frames: Tensor, rows: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """The aligned frames and the attention (n, words, frames).

        rows: (n, words) bool, the words that may attend (see `attending`); seen: (n, frames) bool.
        """
        weight, bias = self.projection.weight, self.projection.bias
        width = words.shape[-1]
        query = nn.functional.linear(words, weight[:width], bias[:width]) * self.scale
        key, value = nn.functional.linear(frames, weight[width:], bias[width:]).chunk(2, dim=-1)
        attention = masked_softmax(query @ key.transpose(1, 2), seen.unsqueeze(1)) * rows.unsqueeze(-1)
        return self.out(attention @ value), attention


def attending(words: Tensor, *, marks: bool) -> Tensor:
    """(n, words) bool: the words that attend; with marks not the first and the last real one ([CLS], [SEP])."""
    if not marks:
        return words
    steps = torch.arange(words.shape[1], device=words.device)
    last = (words * (steps + 1)).amax(dim=1, keepdim=True) - 1
    return words & (steps != 0) & (steps != last)


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last axis where `mask` (broadcast) is True, 0 elsewhere; all 0 where nothing is."""
    hidden = scores.masked_fill(~mask, -1e9)
    return hidden.softmax(dim=-1) * mask
