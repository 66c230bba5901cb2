"""The library's attention: weights along one axis from learnable Gaussians on the standardised value (axis form).

mu, v: mean and unbiased variance along the axis, v + 1e-8; weight: product over k of
N((x - mu - d_k) / sqrt(v); 0, c_k), divided by its sum along the axis (Gaussian-Adaptive-Attention @145d1bc).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.research.systems.gaussian_adaptive_attention.card import Normalise, Rescale, Widths
from mien.research.systems.gaussian_adaptive_attention.widths import Width


def axis_weights(
    x: Tensor,
    offsets: Tensor,
    widths: Tensor,
    *,
    mask: Tensor | None = None,
    normalise: Normalise = "softmax",
    padding: float | None = None,
    eps: float = 1e-8,
) -> Tensor:
    """Weights along the steps of x (..., steps, width), as large as x; each channel's real steps sum to 1.

    offsets, widths: (..., gaussians), their leading axes aligned with those of x but the last two; mask: (..., steps)
    True where a step is real, others get 0 and are read nowhere. "clamped" is the published quotient, whose sum is less
    than 1 where the product underflows. padding: published; equal values count as 0 in mean and variance (without a
    mask), yet have weights of their own, so the sum of all is 1.
    """
    real = None if mask is None else mask.unsqueeze(-1)
    if real is not None:
        x = torch.where(real, x, x.new_zeros(()))
    deviation, variance = _standard(x, real, eps) if padding is None else _as_zeros(x, padding, eps)
    if normalise == "clamped":
        weights = _product(deviation, variance, offsets, widths)
        weights = weights if real is None else weights * real
        return weights / weights.sum(dim=-2, keepdim=True).clamp(min=eps)
    # The product of Gaussians is one parabola in the exponent; its constant cancels in the softmax.
    slope = (offsets / widths.square()).sum(dim=-1)[..., None, None]
    bend = (0.5 / widths.square()).sum(dim=-1)[..., None, None]
    logits = (slope - bend * deviation) * (deviation / variance)
    if real is None:
        return logits.softmax(dim=-2)
    return logits.masked_fill(~real, torch.finfo(x.dtype).min).softmax(dim=-2) * real


def _standard(x: Tensor, real: Tensor | None, eps: float) -> tuple[Tensor, Tensor]:
    """Distance from the mean of the real steps, and their unbiased variance (of one step: 0) plus eps."""
    if real is None:
        # torch.var_mean along an axis that is not the last takes ten times as long on a CPU.
        deviation = x - x.mean(dim=-2, keepdim=True)
        return deviation, deviation.square().sum(dim=-2, keepdim=True) / max(x.shape[-2] - 1, 1) + eps
    count = real.sum(dim=-2, keepdim=True)
    deviation = (x - x.sum(dim=-2, keepdim=True) / count.clamp(min=1)) * real
    return deviation, deviation.square().sum(dim=-2, keepdim=True) / (count - 1).clamp(min=1) + eps


def _as_zeros(x: Tensor, padding: float, eps: float) -> tuple[Tensor, Tensor]:
    """As `_standard`, where values equal to `padding` count as 0; the distance is that of the value itself."""
    counted = torch.where(x != padding, x, x.new_zeros(()))
    mean = counted.mean(dim=-2, keepdim=True)
    variance = (counted - mean).square().sum(dim=-2, keepdim=True) / max(x.shape[-2] - 1, 1)
    return x - mean, variance + eps


def _product(deviation: Tensor, variance: Tensor, offsets: Tensor, widths: Tensor) -> Tensor:
    """The product of the Gaussians as printed."""
    product = torch.ones_like(deviation)
    for offset, width in zip(offsets.unbind(dim=-1), widths.unbind(dim=-1), strict=True):
        offset, spread = offset[..., None, None], width.square()[..., None, None]
        distance = (deviation - offset).square() / variance
        product = product * torch.exp(-distance / (2 * spread)) / torch.sqrt(2 * math.pi * spread)
    return product


class AxisAttention(nn.Module):
    """x (n, steps, ...) times its weights along the steps, the steps cut into consecutive chunks, one a head.

    Each chunk has length // heads real steps, the last one the rest, its own mean and variance and its own Gaussians.
    padding_value: the published padding, by value and element by element: equal values count as zeros in every
    statistic and pass through unchanged (a mask must not be given then).
    """

    def __init__(
        self,
        heads: int = 1,
        gaussians: int = 3,
        *,
        normalise: Normalise = "softmax",
        widths: Widths = "positive",
        rescale: Rescale = "none",
        padding_value: float | None = None,
        eps: float = 1e-8,
    ) -> None:
        super().__init__()
        if heads < 1 or gaussians < 1:
            raise RequestError(f"heads and gaussians must be 1 at least, got {heads} and {gaussians}")
        self.heads, self.eps = heads, eps
        self.normalise: Normalise = normalise
        self.rescale, self.padding_value = rescale, padding_value
        self.offsets = nn.Parameter(torch.zeros(heads, gaussians))
        self.width = Width(torch.randn(heads, gaussians).exp(), widths)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """What the weights leave of x, and the weights; both as large as x. mask: (n, steps)."""
        flat = x.flatten(start_dim=2) if x.ndim > 2 else x.unsqueeze(-1)
        if self.padding_value is not None and mask is not None:
            raise RequestError("padding is told by its value or by a mask, not by both")
        weights = self.weights(flat, mask)
        out = flat * weights
        if self.rescale == "length":
            out = out * (flat.shape[1] if mask is None else mask.sum(dim=1)[:, None, None])
        if self.padding_value is not None:
            out = torch.where(flat != self.padding_value, out, flat)
        return out.reshape(x.shape), weights.reshape(x.shape)

    def weights(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights of x (n, steps, width)."""
        if mask is None:
            return self._whole(x)
        if self.heads == 1:
            return axis_weights(x, self.offsets[0], self.width()[0], mask=mask, normalise=self.normalise, eps=self.eps)
        return self._masked(x, mask)

    def _whole(self, x: Tensor) -> Tensor:
        size = x.shape[1] // self.heads
        if size == 0:
            raise RequestError(f"{self.heads} heads need as many steps at least, got {x.shape[1]}")
        equal = self.heads if x.shape[1] % self.heads == 0 else self.heads - 1
        cut = equal * size
        first = x[:, :cut].reshape(len(x), equal, size, x.shape[2])
        widths = self.width()
        parts = [self._chunk(first, self.offsets[:equal], widths[:equal]).reshape(len(x), cut, x.shape[2])]
        if equal < self.heads:
            parts.append(self._chunk(x[:, cut:], self.offsets[-1], widths[-1]))
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _chunk(self, x: Tensor, offsets: Tensor, widths: Tensor) -> Tensor:
        return axis_weights(x, offsets, widths, normalise=self.normalise, padding=self.padding_value, eps=self.eps)

    def _masked(self, x: Tensor, mask: Tensor) -> Tensor:
        """Chunks are cut from the real steps of each item, so padding moves no border.

        Rows are laid out as (n, heads, longest chunk), weighted there, and brought back.
        """
        n, steps = mask.shape
        rank = (mask.cumsum(dim=1) - 1).clamp(min=0)
        size = (mask.sum(dim=1, keepdim=True) // self.heads).clamp(min=1)
        head = (rank // size).clamp(max=self.heads - 1)
        place = rank - head * size
        longest = int(place.max()) + 1
        cell = (torch.arange(n, device=x.device)[:, None] * self.heads + head) * longest + place
        row = torch.arange(n * steps, device=x.device).reshape(n, steps)
        taken = cell.new_zeros(n * self.heads * longest)
        taken[cell[mask]] = row[mask]
        there = torch.zeros_like(taken, dtype=torch.bool)
        there[cell[mask]] = True
        laid = x.flatten(0, 1).index_select(0, taken).reshape(n, self.heads, longest, -1)
        weights = axis_weights(
            laid,
            self.offsets,
            self.width(),
            mask=there.reshape(n, self.heads, longest),
            normalise=self.normalise,
            eps=self.eps,
        )
        back = weights.flatten(0, 2).index_select(0, cell.flatten()).reshape(n, steps, -1)
        return back * mask.unsqueeze(-1)


class AxisBlock(nn.Module):
    """Layers of x = attention(x) + x; `heads` and `gaussians` name one number a layer, `dims` the axis of each."""

    def __init__(
        self,
        heads: tuple[int, ...],
        gaussians: tuple[int, ...],
        *,
        dims: tuple[int, ...] = (),
        normalise: Normalise = "softmax",
        widths: Widths = "positive",
        rescale: Rescale = "none",
        padding_value: float | None = None,
        eps: float = 1e-8,
    ) -> None:
        super().__init__()
        self.dims = dims or (1,) * len(heads)
        if not len(heads) == len(gaussians) == len(self.dims):
            raise RequestError(
                f"a block needs heads, gaussians and dims of one length, got {heads}, {gaussians}, {dims}"
            )
        if any(dim < 1 for dim in self.dims):
            raise RequestError(f"dims count from 1, the first axis is the items; got {self.dims}")
        self.layers = nn.ModuleList(
            AxisAttention(
                head,
                count,
                normalise=normalise,
                widths=widths,
                rescale=rescale,
                padding_value=padding_value,
                eps=eps,
            )
            for head, count in zip(heads, gaussians, strict=True)
        )

    def fix(self, width: float) -> None:
        """Every Gaussian at offset 0 and this width, and no longer trained."""
        for layer in self.layers:
            assert isinstance(layer, AxisAttention)
            layer.width.set(torch.full_like(layer.offsets, width))
        self.requires_grad_(False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x (n, steps, ...) after all layers, and the weights of each; mask (n, steps) needs every dim to be 1."""
        if mask is not None and set(self.dims) - {1}:
            raise RequestError("a mask of steps needs attention along the steps (dims of 1)")
        if mask is not None:
            # What stands under the mask must not reach a gradient either, not even as NaN times 0.
            x = torch.where(mask.reshape(*mask.shape, *(1,) * (x.ndim - 2)), x, x.new_zeros(()))
        every = []
        for dim, layer in zip(self.dims, self.layers, strict=True):
            out, weights = layer(x.movedim(dim, 1), mask)
            x = out.movedim(1, dim) + x
            every.append(weights.movedim(1, dim))
        return x, tuple(every)
