"""The other fusions: channel attention (CAN) and transformers on two modalities (JMT, MT)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from mien.research.layers.attention import Attention
from mien.research.layers.batchnorm import PresentBatchNorm
from mien.research.systems.textualized_compound.card import Stack


class ChannelAttention(nn.Module):
    """Linear of each modality side by side, times the softmax of a Linear of them over all channels."""

    def __init__(self, widths: Mapping[str, int], width: int) -> None:
        super().__init__()
        self.project = nn.ModuleDict({name: nn.Linear(size, width) for name, size in widths.items()})
        self.out = width * len(widths)
        self.weigh = nn.Linear(self.out, self.out)

    def forward(self, values: Mapping[str, Tensor], seen: Mapping[str, Tensor]) -> Tensor:
        """(n, time, width x modalities)."""
        told = torch.cat([layer(values[name]) for name, layer in self.project.items()], dim=-1)
        weighed: Tensor = self.weigh(told).softmax(dim=-1) * told
        return weighed


class Encoder(nn.Module):
    """One transformer layer: attention, LayerNorm, two Linear, LayerNorm."""

    def __init__(self, width: int, hidden: int = 0) -> None:
        super().__init__()
        self.attend = Attention(width, 1)
        self.feed = nn.Sequential(nn.Linear(width, hidden or width), nn.ReLU(), nn.Linear(hidden or width, width))
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """values (n, time, width), mask (n, time)."""
        values = self.first(values + self.attend(values, values, mask))
        found: Tensor = self.second(values + self.feed(values))
        return found


class JointTransformer(nn.Module):
    """Encoders of two modalities (JMT: and of both together), each attends to the others, the answers are stacked.

    stack: "elements" lets the elements of a step attend to each other and takes the last; "released" is what the
    source's order of axes does: steps of all clips attend to each other, and no element but the last matters.
    """

    def __init__(self, widths: Mapping[str, int], width: int, *, joint: bool, stack: Stack) -> None:
        super().__init__()
        self.names, self.out, self.stack = tuple(widths), width, stack
        self.project = nn.ModuleDict({name: nn.Linear(size, width) for name, size in widths.items()})
        self.join = nn.Linear(2 * width, width) if joint else None
        streams = 3 if joint else 2
        self.encoders = nn.ModuleList(Encoder(width) for _ in range(streams))
        # Query and key of each element: face-audio, audio-face, joint-face, face-joint, joint-audio, audio-joint.
        self.pairs = ((0, 1), (1, 0), (2, 0), (0, 2), (2, 1), (1, 2)) if joint else ((0, 1), (1, 0))
        self.cross = nn.ModuleList(Attention(width, 1) for _ in self.pairs)
        self.final = Encoder(width)
        self.last = Attention(width, 1)

    def forward(self, values: Mapping[str, Tensor], seen: Mapping[str, Tensor]) -> Tensor:
        """(n, time, width)."""
        streams = [self.project[name](values[name]) for name in self.names]
        masks = [seen[name] for name in self.names]
        if self.join is not None:
            streams.append(self.join(torch.cat(streams, dim=-1)))
            masks.append(masks[0] | masks[1])
        told = [encoder(s, m) for encoder, s, m in zip(self.encoders, streams, masks, strict=True)]
        crossed = [
            attend(told[one], told[other], masks[other])
            for attend, (one, other) in zip(self.cross, self.pairs, strict=True)
        ]
        return self._stacked(torch.stack(crossed, dim=2), torch.stack(masks).any(dim=0))

    def _stacked(self, table: Tensor, steps: Tensor) -> Tensor:
        n, time, elements, width = table.shape
        if self.stack == "released":
            flat, mask = table[:, :, -1].reshape(1, n * time, width), steps.reshape(1, n * time)
            flat = self.final(flat, mask)
            return self.last(flat, flat, mask).reshape(n, time, width)  # type: ignore[no-any-return]
        flat = table.reshape(n * time, elements, width)
        mask = flat.new_ones(flat.shape[:2], dtype=torch.bool)
        flat = self.final(flat, mask)
        return self.last(flat[:, -1:], flat, mask).reshape(n, time, width)  # type: ignore[no-any-return]


class Head(nn.Module):
    """Linear, batch normalisation over the real steps, LeakyReLU, Linear."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.first, self.norm, self.last = nn.Linear(width, width), PresentBatchNorm(width), nn.Linear(width, outputs)

    def forward(self, values: Tensor, steps: Tensor) -> Tensor:
        """values (n, time, width), steps (n, time) -> (n, time, outputs)."""
        found = self.norm(self.first(values).flatten(0, 1), steps.flatten()).view_as(values)
        scores: Tensor = self.last(functional.leaky_relu(found))
        return scores
