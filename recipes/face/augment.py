"""Make a training face look as if another camera, detector and room had given it. All random, all seeded.

Crops of other detectors differ in scale, place and roll; other cameras in size, focus, compression, light and
noise; other rooms cover part of the face. Every function takes and returns faces (n, 1, 48, 48) in [0, 1].
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

SIDE = 48


def augment(faces: Tensor, random: Generator, *, reach: float = 1.0, halves: float = 0.08) -> Tensor:
    """The whole chain in the order light meets it: geometry, light, occlusion, optics, sensor, compression.

    reach: how far the crops vary, 1 is the widest; halves: share of faces of which a whole side is covered.
    """
    faces = crop_otherwise(faces, random, reach=reach)
    faces = relight(faces, random)
    faces = cover(faces, random, halves=halves)
    faces = soften(faces, random)
    faces = shrink(faces, random)
    faces = _some(faces, lambda x: add_noise(x, random), 0.3, random)
    faces = _some(faces, lambda x: compress(x, random), 0.3, random)
    return faces.clamp(0, 1)


def crop_otherwise(faces: Tensor, random: Generator, *, reach: float = 1.0) -> Tensor:
    """Mirror, roll +-18 degrees, scale e^+-.3, aspect e^+-.1, shear +-.1, shift +-10 % (times `reach`), reflected."""
    n = len(faces)
    angle = _uniform(n, reach * math.radians(18), random)
    scale, aspect = _uniform(n, reach * 0.3, random), _uniform(n, reach * 0.1, random)
    mirror = torch.randint(0, 2, (n,), generator=random) * 2.0 - 1.0
    wide, high = (scale + aspect / 2).exp(), (scale - aspect / 2).exp()
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = angle.cos() * wide * mirror
    theta[:, 0, 1] = (-angle.sin() + _uniform(n, reach * 0.1, random)) * high
    theta[:, 1, 0] = angle.sin() * wide * mirror
    theta[:, 1, 1] = angle.cos() * high
    theta[:, :, 2] = _uniform((n, 2), reach * 0.2, random)  # the grid runs -1..1, so .2 is 10 % of the side
    grid = F.affine_grid(theta, [n, 1, SIDE, SIDE], align_corners=False)
    return F.grid_sample(faces, grid, padding_mode="reflection", align_corners=False)


def relight(faces: Tensor, random: Generator) -> Tensor:
    """Gamma (40 %), light falling from a side (30 %), contrast e^+-.5 and brightness +-.2 with clipping."""
    n = len(faces)
    gamma = torch.where(_chance(n, 0.4, random), _uniform(n, 0.6, random).exp(), 1.0)
    faces = faces.clamp(1e-4, 1) ** gamma[:, None, None, None]
    ramp = torch.linspace(-1, 1, SIDE)
    slope = _uniform((n, 2), 0.6, random) * _chance(n, 0.3, random)[:, None]
    light = slope[:, 0, None, None] * ramp[None, None, :] + slope[:, 1, None, None] * ramp[None, :, None]
    faces = faces * (1 + light[:, None]).clamp(0.1, 2)
    mean = faces.mean(dim=(1, 2, 3), keepdim=True)
    contrast = _uniform(n, 0.5, random).exp()[:, None, None, None]
    return ((faces - mean) * contrast + mean + _uniform(n, 0.2, random)[:, None, None, None]).clamp(0, 1)


def cover(faces: Tensor, random: Generator, *, halves: float = 0.08) -> Tensor:
    """A grey or noisy rectangle of 6-20 pixels (40 %), or one whole side, top or bottom up to half (`halves`)."""
    n = len(faces)
    size = torch.randint(6, 21, (n, 2), generator=random)
    corner = (torch.rand(n, 2, generator=random) * (SIDE + 8 - size)).long() - 4
    rows, columns = torch.arange(SIDE)[None, :, None], torch.arange(SIDE)[None, None, :]
    top, left = corner[:, 0, None, None], corner[:, 1, None, None]
    patch = (rows >= top) & (rows < top + size[:, 0, None, None])
    patch = patch & (columns >= left) & (columns < left + size[:, 1, None, None])
    depth = (12 + torch.rand(n, generator=random) * 12)[:, None, None]
    edge = torch.randint(0, 4, (n,), generator=random)[:, None, None]
    half = torch.where(
        edge < 2,
        torch.where(edge == 0, rows < depth, rows >= SIDE - depth),
        torch.where(edge == 2, columns < depth, columns >= SIDE - depth),
    )
    kind = torch.rand(n, generator=random)[:, None, None]
    mask = torch.where(kind < 0.4, patch, half & (kind < 0.4 + halves))[:, None]
    grey = torch.rand(n, 1, 1, 1, generator=random).expand_as(faces)
    noisy = torch.rand(n, 1, 1, 1, generator=random) < 0.5
    fill = torch.where(noisy, (grey + 0.15 * torch.randn(faces.shape, generator=random)).clamp(0, 1), grey)
    return torch.where(mask, fill, faces)


def soften(faces: Tensor, random: Generator) -> Tensor:
    """Gaussian blur with deviation .4-1.4 pixels (20 %)."""
    sigma = float(0.4 + 1.0 * torch.rand((), generator=random))
    return _some(faces, lambda x: blur(x, sigma), 0.2, random)


def blur(faces: Tensor, sigma: float) -> Tensor:
    """Gaussian blur, `sigma` in pixels, borders reflected."""
    reach = max(1, round(2.5 * sigma))
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    kernel = kernel / kernel.sum()
    padded = F.pad(faces, (reach,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(padded, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))


def shrink(faces: Tensor, random: Generator) -> Tensor:
    """Down to 12-32 pixels and up again (25 %), as a small face in the frame would come."""
    side = int(torch.randint(12, 33, (), generator=random))
    return _some(faces, lambda x: resample(x, side), 0.25, random)


def resample(faces: Tensor, side: int) -> Tensor:
    """Down to `side` pixels by area, up to 48 by bilinear interpolation."""
    small = F.interpolate(faces, size=(side, side), mode="area")
    return F.interpolate(small, size=(SIDE, SIDE), mode="bilinear", align_corners=False)


def add_noise(faces: Tensor, random: Generator) -> Tensor:
    """White sensor noise, deviation 0-.4 of the face's own deviation."""
    own = faces.std(dim=(1, 2, 3), keepdim=True)
    level = 0.4 * own * torch.rand(len(faces), 1, 1, 1, generator=random)
    return faces + level * torch.randn(faces.shape, generator=random)


def compress(faces: Tensor, random: Generator, *, least: float = 0.3, most: float = 3.0) -> Tensor:
    """Quantise 8x8 cosine blocks as JPEG does, the standard luminance table times `least`-`most`."""
    n = len(faces)
    strength = least + (most - least) * torch.rand(n, 1, 1, 1, 1, generator=random)
    step = strength * _LUMINANCE / 255
    blocks = faces.view(n, 6, 8, 6, 8).transpose(2, 3)
    wave = (_COSINE @ blocks @ _COSINE.T / step).round() * step
    return (_COSINE.T @ wave @ _COSINE).transpose(2, 3).reshape(n, 1, SIDE, SIDE)


def _some(faces: Tensor, change, share: float, random: Generator) -> Tensor:  # type: ignore[no-untyped-def]
    chosen = _chance(len(faces), share, random).nonzero()[:, 0]
    if not len(chosen):
        return faces
    return faces.index_copy(0, chosen, change(faces[chosen]))


def _chance(n: int, share: float, random: Generator) -> Tensor:
    return torch.rand(n, generator=random) < share


def _uniform(shape: int | tuple[int, ...], reach: float, random: Generator) -> Tensor:
    size = (shape,) if isinstance(shape, int) else shape
    return (torch.rand(size, generator=random) * 2 - 1) * reach


def _cosine() -> Tensor:
    k, x = torch.arange(8.0)[:, None], torch.arange(8.0)[None, :]
    matrix = torch.cos(math.pi * (2 * x + 1) * k / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix


_COSINE = _cosine()

#: Luminance quantisation of ITU-T T.81, table K.1 (quality 50).
_LUMINANCE = torch.tensor(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=torch.float32,
)
