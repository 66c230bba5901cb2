"""The state space model of Mamba (Gu and Dao, arXiv 2312.00752), on any device, without a compiler.

h_t = exp(delta_t A) h_{t-1} + Bbar_t u_t,  y_t = C_t h_t + D u_t; Bbar is delta B ("euler", what the published kernels
compute) or A^-1 (exp(delta A) - 1) B ("zoh", what the papers print).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Discretisation = Literal["euler", "zoh"]

CHUNK = 1 << 18
"""Numbers of one chunk of states: about what a core's own cache holds (measured; other sizes cost up to twice)."""


def selective_scan(
    u: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, skip: Tensor | None = None, *,
    start: Tensor | None = None, discretisation: Discretisation = "euler",
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Outputs (n, time, channels) and the last state (n, channels, state), time and memory linear in the steps.

    u, delta (n, time, channels), delta > 0; a (channels, state), below 0; b, c (n, time, state); skip (channels,) is D;
    start: the state before the first step, zeros if left out. Runs in float32 at least, also under autocast, where
    half precision would round the state away.
    """
    with torch.autocast(u.device.type, enabled=False):
        wide = torch.promote_types(u.dtype, torch.float32)
        timed = [values.to(wide).transpose(0, 1).contiguous() for values in (u, delta, b, c)]
        if start is None:
            start = timed[0].new_zeros(len(u), *a.shape)
        run: Callable[..., tuple[Tensor, Tensor]] = _Scan.apply
        y, last = run(*timed, a.to(wide), start.to(wide), discretisation == "zoh")
        if skip is not None:
            y = torch.addcmul(y, timed[0], skip.to(wide))
        return y.transpose(0, 1).to(u.dtype), last


class _Scan(torch.autograd.Function):
    """Time first in all that follows: u, delta (time, n, channels); b, c (time, n, state).

    Steps are taken chunk by chunk. Only the state before each chunk is kept; the backward pass makes the others again,
    which costs less than to write and read them all. Each step is one in-place operation on a view: indexing under
    autograd would write a gradient of the whole length for each step, quadratic in time.
    """

    @staticmethod
    def forward(
        ctx: Any, u: Tensor, delta: Tensor, b: Tensor, c: Tensor, a: Tensor, start: Tensor, zoh: bool
    ) -> tuple[Tensor, Tensor]:
        steps = max(1, CHUNK // max(1, start.numel()))
        y, state, starts = torch.empty_like(u), start, []
        for first in range(0, len(u), steps):
            at = slice(first, first + steps)
            starts.append(state)
            _, _, h = _states(u[at], delta[at], b[at], a, state, zoh)
            torch.matmul(h, c[at].unsqueeze(-1), out=y[at].unsqueeze(-1))
            state = h[-1].clone()
        ctx.save_for_backward(u, delta, b, c, a, torch.stack(starts) if starts else start.unsqueeze(0))
        ctx.steps, ctx.zoh = steps, zoh
        return y, state.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gy: Tensor, glast: Tensor) -> tuple[Tensor | None, ...]:
        u, delta, b, c, a, starts = ctx.saved_tensors
        gu, gdelta, gb, gc = (torch.empty_like(values) for values in (u, delta, b, c))
        ga, carry = torch.zeros_like(a), glast
        for place in reversed(range(-(-len(u) // ctx.steps))):
            at = slice(place * ctx.steps, (place + 1) * ctx.steps)
            decay, gain, h = _states(u[at], delta[at], b[at], a, starts[place], ctx.zoh)
            gc[at] = (gy[at].unsqueeze(-2) @ h).squeeze(-2)
            g = gy[at].unsqueeze(-1) * c[at].unsqueeze(-2)
            carry = _back(decay, g, carry)
            # What reaches u and b goes through Bbar u; the decay takes its share of the state before.
            inner = g if gain is None else g * gain
            scaled = delta[at] * u[at] if gain is None else u[at]
            gb[at] = (scaled.unsqueeze(-2) @ inner).squeeze(-2)
            reached = (inner @ b[at].unsqueeze(-1)).squeeze(-1)
            before = torch.cat([starts[place].unsqueeze(0), h[:-1]])
            gz = before.mul_(g)
            if gain is None:
                gu[at], gdelta[at] = reached * delta[at], reached * u[at]
            else:
                gu[at], gdelta[at] = reached, 0
                ggain = u[at].unsqueeze(-1) * b[at].unsqueeze(-2) * g / a
                ga -= (ggain * gain).flatten(0, 1).sum(dim=0)
                gz.add_(ggain)
            gz.mul_(decay)
            ga += (gz * delta[at].unsqueeze(-1)).flatten(0, 1).sum(dim=0)
            gdelta[at] += gz.mul_(a).sum(dim=-1)
        return gu, gdelta, gb, gc, ga, carry, None


def _states(
    u: Tensor, delta: Tensor, b: Tensor, a: Tensor, state: Tensor, zoh: bool
) -> tuple[Tensor, Tensor | None, Tensor]:
    """exp(delta A), (exp(delta A) - 1) / A or None, and the states of a chunk: each (time, n, channels, state)."""
    decay, gain = delta.unsqueeze(-1) * a, None
    if zoh:
        gain = torch.expm1(decay) / a
        h = u.unsqueeze(-1) * b.unsqueeze(-2) * gain
    else:
        h = (delta * u).unsqueeze(-1) * b.unsqueeze(-2)
    decay.exp_()
    for factor, here in zip(decay.unbind(0), h.unbind(0), strict=True):
        here.addcmul_(factor, state)
        state = here
    return decay, gain, h


def _back(decay: Tensor, g: Tensor, carry: Tensor) -> Tensor:
    """Add to each step what later steps hand back, in place; the answer is for the step before the first."""
    for factor, here in zip(reversed(decay.unbind(0)), reversed(g.unbind(0)), strict=True):
        here.add_(carry)
        carry = factor * here
    return carry


def ssm_kernel(
    a: Tensor, b: Tensor, c: Tensor, delta: float | Tensor, length: int, *, discretisation: Discretisation = "euler"
) -> Tensor:
    """The convolution kernel K_i = C Abar^i Bbar of a model whose delta, B and C never change: (..., length).

    a, b, c (..., state). Exact only for such models; the selective form needs `selective_scan`.
    """
    step = torch.as_tensor(delta, dtype=a.dtype, device=a.device).unsqueeze(-1)
    gain = step * b if discretisation == "euler" else torch.expm1(step * a) / a * b
    powers = (torch.arange(length, dtype=a.dtype, device=a.device) * (step * a).unsqueeze(-1)).exp()
    return ((c * gain).unsqueeze(-2) @ powers).squeeze(-2)


def causal_convolution(x: Tensor, kernel: Tensor) -> Tensor:
    """y_t = sum_i K_i x_{t-i}: x and kernel (..., time), through a Fourier transform (n log n)."""
    size = x.shape[-1] + kernel.shape[-1]
    product = torch.fft.rfft(x, n=size) * torch.fft.rfft(kernel, n=size)
    whole: Tensor = torch.fft.irfft(product, n=size)
    return whole[..., : x.shape[-1]]
