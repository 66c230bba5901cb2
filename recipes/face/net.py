"""The face network: a small residual net with squeeze-excitation, 48x48 grey in, eight logits and a hidden vector out.

About 388,000 parameters ("small", shipped) or 1,980,000 ("wide"). The picture is standardised inside the net (mean 0,
deviation 1 per face), so the exported graph takes raw grey values and is blind to brightness and contrast.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Channels of the stem, which gives 24x24; output channels and stride of each residual block.
SHAPES = {
    "small": (24, ((24, 1), (48, 2), (48, 1), (96, 2), (96, 1))),
    "wide": (32, ((32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (192, 2), (192, 1))),
}


class SqueezeExcitation(nn.Module):
    """Scale each channel by a gate computed from all channel means (Hu et al., arXiv 1709.01507)."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(self.up(F.relu(self.down(x.mean(dim=(2, 3))))))
        return x * gate[:, :, None, None]


class Block(nn.Module):
    """Two 3x3 convolutions with squeeze-excitation beside a (pooled, projected) shortcut."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        nn.init.zeros_(self.norm2.weight)  # a block begins as its shortcut: steadier first steps
        self.gate = SqueezeExcitation(after)
        self.shortcut: nn.Module = nn.Identity()
        if before != after or stride != 1:
            pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
            self.shortcut = nn.Sequential(pool, nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.gate(self.norm2(self.conv2(y)))
        return F.relu(y + self.shortcut(x))


class FaceNet(nn.Module):
    """Grey faces (n, 1, 48, 48), any linear scale -> logits (n, 8) and hidden vectors (n, 96; wide: 192)."""

    def __init__(self, shape: str = "small", classes: int = 8, dropout: float = 0.1) -> None:
        super().__init__()
        stem, blocks = SHAPES[shape]
        self.stem = nn.Sequential(nn.Conv2d(1, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU())
        widths = [stem, *(channels for channels, _ in blocks)]
        pairs = zip(widths, blocks, strict=False)
        self.blocks = nn.Sequential(*(Block(before, after, stride) for before, (after, stride) in pairs))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.blocks(self.stem(standardise(faces))).mean(dim=(2, 3))
        return self.head(self.dropout(hidden)), hidden


def standardise(faces: Tensor) -> Tensor:
    """Each face to mean 0 and deviation 1; a constant face gives zeros, never NaN."""
    centred = faces - faces.mean(dim=(2, 3), keepdim=True)
    deviation = (centred * centred).mean(dim=(2, 3), keepdim=True).sqrt()
    return centred / (deviation + 1e-3)
