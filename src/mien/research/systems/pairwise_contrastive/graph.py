"""The published encoder of facial landmarks: convolutions over time around one over the graph of the face.

Two blocks (time, graph, time), one more convolution over time, mean over time, one linear layer. The source reads a
fixed number of frames with unpadded convolutions and one weight a frame; here convolutions keep the length and the
mean over real frames takes the place of those weights, so that clips of any length fit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.layers.pooling import masked_mean

# The 51 points of the 68 without the jaw, as the lines of a face: brows, nose, eyes, lips.
_OPEN = ((0, 5), (5, 10), (10, 14), (14, 19))
_CLOSED = ((19, 25), (25, 31), (31, 43), (43, 51))
POINTS = 51


def face_adjacency() -> Tensor:
    """D^-1/2 (A + I) D^-1/2 of the lines of a face, (51, 51); lines are joined through the bridge of the nose."""
    edges = [(at, at + 1) for first, end in _OPEN + _CLOSED for at in range(first, end - 1)]
    edges += [(end - 1, first) for first, end in _CLOSED]
    edges += [(4, 10), (5, 10), (13, 16), (10, 22), (10, 25), (16, 34), (31, 43), (37, 47)]
    table = torch.eye(POINTS)
    for one, other in edges:
        table[one, other] = table[other, one] = 1
    root = table.sum(dim=1).rsqrt()
    return root[:, None] * table * root[None, :]


class TimeBlock(nn.Module):
    """Gated convolution along time: relu(a * sigmoid(b) + c)."""

    def __init__(self, width: int, out: int, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, 3 * out, (1, kernel), padding=(0, kernel // 2))

    def forward(self, x: Tensor, real: Tensor) -> Tensor:
        """x (n, width, points, time) -> (n, out, points, time), zero where `real` (n, 1, 1, time) is 0."""
        a, b, c = self.conv(x).chunk(3, dim=1)
        return torch.relu(a * torch.sigmoid(b) + c) * real


class GraphBlock(nn.Module):
    """Time, graph, time; each point normalised over its channels (the source normalises over the batch)."""

    def __init__(self, width: int, out: int = 64, spatial: int = 16) -> None:
        super().__init__()
        self.before = TimeBlock(width, out)
        self.theta = nn.Linear(out, spatial, bias=False)
        self.after = TimeBlock(spatial, out)
        self.norm = nn.LayerNorm(out)

    def forward(self, x: Tensor, adjacency: Tensor, real: Tensor) -> Tensor:
        """(n, width, points, time) -> (n, out, points, time)."""
        x = torch.einsum("pq,ncqt->npct", adjacency, self.before(x, real))
        x = self.theta(x.transpose(2, 3)).relu().permute(0, 3, 1, 2)
        x = self.after(x, real)
        normed: Tensor = self.norm(x.movedim(1, -1)).movedim(-1, 1) * real
        return normed


class LandmarkGraph(nn.Module):
    """51 landmarks as x, y of each point in turn, (n, time, 102) -> (n, out)."""

    def __init__(self, width: int, out: int, dropout: float) -> None:
        super().__init__()
        if width != 2 * POINTS:
            raise RequestError(f"the graph encoder takes x, y of 51 landmarks (102 wide), got {width}")
        self.register_buffer("adjacency", face_adjacency(), persistent=False)
        self.blocks = nn.ModuleList([GraphBlock(2), GraphBlock(64)])
        self.last_time = TimeBlock(64, 64)
        self.dropout = nn.Dropout(dropout)
        self.point = nn.Linear(64, 16)
        self.last = nn.Linear(16 * POINTS, out)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Coordinates (n, time, 102), scaled to [0, 1] over the real frames of each clip."""
        x = _scaled(x.reshape(*x.shape[:2], POINTS, 2), mask)
        real = mask[:, None, None, :].to(x.dtype)
        x = x.permute(0, 3, 2, 1) * real
        for block in self.blocks:
            x = block(x, self.get_buffer("adjacency"), real)
        x = self.dropout(self.last_time(x, real))
        points = masked_mean(x.permute(0, 3, 2, 1).flatten(2), mask).reshape(len(x), POINTS, 64)
        out: Tensor = self.last(self.point(points).flatten(1))
        return out


def _scaled(points: Tensor, mask: Tensor) -> Tensor:
    """x and y of each clip to [0, 1]."""
    real = mask[:, :, None, None]
    low = points.masked_fill(~real, torch.inf).amin(dim=(1, 2), keepdim=True)
    high = points.masked_fill(~real, -torch.inf).amax(dim=(1, 2), keepdim=True)
    span = (high - low).clamp(min=1e-6)
    return torch.where(real, (points - low) / span, points.new_zeros(()))
