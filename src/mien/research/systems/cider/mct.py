"""The composite transformer (MCT): attention within every subset of the modalities at once.

Source: gw-zhong/CIDer @2f86cbe, modules/multimodal_multihead_attention.py, transformer.py, position_embedding.py. There
each of the seven subsets has its own softmax over all steps; here each modality's keys are summed up once (their value
and the logarithm of their weight), and every subset is a mixture of those: the same numbers for a seventh of the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, combinations

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.systems.cider.wsam import masked_softmax

NOTHING = -1e9
NO_DROPS = (0.0, 0.0, 0.0, 0.0)


def subsets(count: int) -> list[tuple[int, ...]]:
    """All non-empty sets of `count` modalities, larger ones first: LAV, LA, LV, AV, L, A, V for three."""
    return [chosen for size in range(count, 0, -1) for chosen in combinations(range(count), size)]


class CompositeAttention(nn.Module):
    """One query, key and value projection; a masked attention and an output projection for every subset.

    A step's answer sums up the subsets that its modality is in. dropout acts on the weights of the full set alone.
    """

    def __init__(self, width: int, heads: int, modalities: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.dropout, self.sets = heads, dropout, subsets(modalities)
        self.projection = nn.Linear(width, 3 * width)
        self.branches = nn.ModuleList([nn.Linear(width, width) for _ in self.sets])
        self.summary = nn.ModuleList([nn.Linear(2 ** (modalities - 1) * width, width) for _ in range(modalities)])
        self.out = nn.Linear(width, width)
        for layer in (self.projection, *self.branches):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, lengths: Sequence[int], mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x: (n, time, width), the modalities behind one another; lengths: steps of each; mask: (n, time) bool, keys.

        Returns the same shape, and the scaled scores (n, heads, time, time) before any mask.
        """
        n, time, width = x.shape
        split = self.projection(x).view(n, time, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = split[0] * (width // self.heads) ** -0.5, split[1], split[2]
        scores = query @ key.transpose(-1, -2)
        ends = list(accumulate(lengths))
        rows = [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]
        found = [_gathered(scores[..., own], value[:, :, own], None if mask is None else mask[:, own]) for own in rows]
        parts, weights = [one for one, _ in found], [other for _, other in found]
        whole = self._dropped(scores, value, mask)
        answers = []
        for at, own in enumerate(rows):
            branches = []
            for branch, members in zip(self.branches, self.sets, strict=True):
                if at not in members:
                    continue
                if whole is not None and len(members) == len(rows):
                    mixed = whole[:, :, own]
                else:
                    mixed = _mixed([parts[m][:, :, own] for m in members], [weights[m][..., own] for m in members])
                branches.append(branch(mixed.transpose(1, 2).reshape(n, lengths[at], width)))
            answers.append(self.summary[at](torch.cat(branches, dim=-1)))
        return self.out(torch.cat(answers, dim=1)), scores

    def _dropped(self, scores: Tensor, value: Tensor, mask: Tensor | None) -> Tensor | None:
        """The full set with dropout on its weights, where there is any."""
        if not (self.training and self.dropout):
            return None
        weights = scores.softmax(dim=-1) if mask is None else masked_softmax(scores, mask[:, None, None])
        return functional.dropout(weights, self.dropout) @ value


def _gathered(scores: Tensor, value: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Attention to the keys of one modality (n, heads, time, width), and the logarithm of its weight (n, heads, time).

    A modality that is absent adds nothing, and beside any that is there its weight is 0.
    """
    keys = None if mask is None else mask[:, None, None]
    hidden = scores if keys is None else scores.masked_fill(~keys, NOTHING)
    top = hidden.detach().amax(dim=-1, keepdim=True)
    # Below -80 an exponential is nothing beside the 1 at the top, and several times slower.
    shares = (hidden - top).clamp(min=-80).exp()
    if keys is not None:
        shares = shares * keys
    total = shares.sum(dim=-1, keepdim=True).clamp(min=1e-30)
    return shares @ value / total, (top + total.log()).squeeze(-1)


def _mixed(parts: Sequence[Tensor], weights: Sequence[Tensor]) -> Tensor:
    """The attention over the union of the parts."""
    if len(parts) == 1:
        return parts[0]
    shares = torch.stack(list(weights), dim=-1).softmax(dim=-1)
    return sum((part * shares[..., [at]] for at, part in enumerate(parts)), torch.zeros_like(parts[0]))


class Layer(nn.Module):
    """Pre-norm: composite attention, then width -> 4 width -> width with ReLU, both residual."""

    def __init__(self, width: int, heads: int, modalities: int, drops: tuple[float, float, float]) -> None:
        super().__init__()
        self.attention = CompositeAttention(width, heads, modalities, drops[0])
        self.inner, self.outer = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.relu_drop, self.residual_drop = nn.Dropout(drops[1]), nn.Dropout(drops[2])
        for layer in (self.inner, self.outer):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, lengths: Sequence[int], mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The same shape, and the raw scores of the attention."""
        found, scores = self.attention(self.norms[0](x), lengths, mask)
        x = x + self.residual_drop(found)
        found = self.outer(self.relu_drop(functional.relu(self.inner(self.norms[1](x)))))
        return x + self.residual_drop(found), scores


class CompositeEncoder(nn.Module):
    """Sinusoid positions, layers, a final norm. drops: embedding, attention, ReLU, residual."""

    def __init__(
        self,
        width: int,
        heads: int,
        layers: int,
        modalities: int,
        drops: tuple[float, float, float, float] = (0, 0, 0, 0),
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(width, heads, modalities, drops[1:]) for _ in range(layers)])
        self.norm, self.drop = nn.LayerNorm(width), nn.Dropout(drops[0])

    def forward(
        self, x: Tensor, lengths: Sequence[int], mask: Tensor | None = None, positions: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """x: (n, time, width); positions: (n, time) or (time,), by default along the whole of time.

        Returns the same shape and the last layer's raw scores. Published code counts positions by batch item:
        `by_batch_item(x)`.
        """
        places = torch.arange(x.shape[1], device=x.device) if positions is None else positions
        x = self.drop(x + sinusoid(places, x.shape[-1]).to(x.dtype))
        scores = x.new_zeros(0)
        for layer in self.layers:
            x, scores = layer(x, lengths, mask)
        return self.norm(x), scores


def by_batch_item(x: Tensor) -> Tensor:
    """(n, time): the place of each item in the batch, as published (a time-first tensor met a batch-first table)."""
    return torch.arange(x.shape[0], device=x.device).unsqueeze(1).expand(x.shape[:2])


def sinusoid(positions: Tensor, width: int) -> Tensor:
    """(..., width): sine and cosine in turn, of periods from 2 pi to 20000 pi."""
    rates = torch.exp(torch.arange(0, width, 2, device=positions.device) * (-9.210340371976184 / width))
    angles = positions.unsqueeze(-1) * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)[..., :width]
