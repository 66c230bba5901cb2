"""Other crops, cameras and rooms, without chance: the variants on which the net is checked and calibrated."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from augment import SIDE, blur, compress, resample
from torch import Tensor
from torch.nn import functional as F


def view(faces: Tensor, *, zoom: float = 1.0, right: float = 0.0, down: float = 0.0, degrees: float = 0.0) -> Tensor:
    """Another crop of the same face: `zoom` > 1 comes nearer, shifts in parts of the side, borders reflected."""
    angle = math.radians(degrees)
    c, s = math.cos(angle) / zoom, math.sin(angle) / zoom
    theta = torch.tensor([[c, -s, 2 * right], [s, c, 2 * down]]).expand(len(faces), 2, 3)
    grid = F.affine_grid(theta, list(faces.shape), align_corners=False)
    return F.grid_sample(faces, grid, padding_mode="reflection", align_corners=False)


def covered(faces: Tensor, rows: slice, columns: slice) -> Tensor:
    """A mid-grey board before a part of the face."""
    faces = faces.clone()
    faces[:, :, rows, columns] = 0.5
    return faces


def noisy(faces: Tensor) -> Tensor:
    """White noise of deviation .08, the same for every call."""
    random = torch.Generator().manual_seed(1)
    return (faces + 0.08 * torch.randn(faces.shape, generator=random)).clamp(0, 1)


def side_light(faces: Tensor) -> Tensor:
    """Light from the left: full there, a fifth of it at the right."""
    return faces * torch.linspace(1.0, 0.2, SIDE)


def jpeg(faces: Tensor) -> Tensor:
    """JPEG at about quality 20 (table x 2.5)."""
    return compress(faces, torch.Generator().manual_seed(1), least=2.5, most=2.5).clamp(0, 1)


ALL, HALF = slice(None), SIDE // 2

#: Name -> change. The first is the picture as it is.
VARIANTS: dict[str, Callable[[Tensor], Tensor]] = {
    "as is": lambda x: x,
    "nearer 1.2x": lambda x: view(x, zoom=1.2),
    "nearer 1.4x": lambda x: view(x, zoom=1.4),
    "wider .8x": lambda x: view(x, zoom=0.8),
    "wider .65x": lambda x: view(x, zoom=0.65),
    "shifted 10 % right and down": lambda x: view(x, right=0.1, down=0.1),
    "rolled 15 degrees": lambda x: view(x, degrees=15),
    "rolled 30 degrees": lambda x: view(x, degrees=30),
    "24 pixels": lambda x: resample(x, 24),
    "16 pixels": lambda x: resample(x, 16),
    "12 pixels": lambda x: resample(x, 12),
    "blurred, sigma 1.5": lambda x: blur(x, 1.5),
    "JPEG quality 20": jpeg,
    "noise .08": noisy,
    "dark, gamma 2.5": lambda x: x**2.5,
    "light from the left": side_light,
    "lower half covered": lambda x: covered(x, slice(HALF, None), ALL),
    "upper half covered": lambda x: covered(x, slice(0, HALF), ALL),
    "left half covered": lambda x: covered(x, ALL, slice(0, HALF)),
    "nearer, 24 pixels, JPEG": lambda x: jpeg(resample(view(x, zoom=1.2), 24)),
}

#: What a recording's crops are like: on these the temperature is fitted.
USUAL = ("as is", "nearer 1.2x", "wider .8x", "rolled 15 degrees", "24 pixels", "blurred, sigma 1.5")
