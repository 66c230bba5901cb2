"""The training loop: soft votes, drawn so that rare classes are seen, averaged weights."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable

import numpy as np
import torch
from augment import augment
from data import Faces
from net import FaceNet
from torch import Tensor
from torch.nn import functional as F

BATCH = 128
WARM_UP = 200
AVERAGE = 0.998


def fit(faces: Faces, *, epochs: int, seed: int, say: Callable[[int, FaceNet], None]) -> FaceNet:
    """Train on `faces`; returns the exponentially averaged net. `say` is called after each epoch with it."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    images = torch.from_numpy(faces.images)[:, None].float() / 255
    shares = torch.from_numpy(faces.shares)
    weight = draw_weights(shares)
    net = FaceNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(net).eval()
    optimizer = torch.optim.AdamW(_groups(net), lr=3e-3)
    steps = epochs * (len(images) // BATCH)
    step = 0
    for epoch in range(epochs):
        net.train()
        started, total = time.process_time(), 0.0
        rows = torch.multinomial(weight, len(images) // BATCH * BATCH, replacement=True, generator=random)
        for batch in rows.view(-1, BATCH):
            for group in optimizer.param_groups:
                group["lr"] = 3e-3 * _rate(step, steps)
            total += _step(net, optimizer, augment(images[batch], random), shares[batch])
            step += 1
            _average(averaged, net, min(AVERAGE, (1 + step) / (10 + step)))
        print(
            f"epoch {epoch + 1}/{epochs} loss {total * BATCH / len(rows):.4f} "
            f"cpu {time.process_time() - started:.0f} s",
            flush=True,
        )
        say(epoch + 1, averaged)
    return averaged


def draw_weights(shares: Tensor) -> Tensor:
    """Chance of each face to be drawn: sum over classes of share x prior^-.5."""
    prior = shares.mean(dim=0)
    return (shares * prior**-0.5).sum(dim=1)


def prior_seen(faces: Faces) -> np.ndarray:
    """Class shares (8,) as the training loop sees them, after the weighted drawing."""
    shares = torch.from_numpy(faces.shares)
    weight = draw_weights(shares)[:, None]
    return ((shares * weight).sum(dim=0) / weight.sum()).numpy().astype(np.float64)


def _step(net: FaceNet, optimizer: torch.optim.Optimizer, faces: Tensor, shares: Tensor) -> float:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits, _ = net(faces.contiguous(memory_format=torch.channels_last))
    loss = -(shares * F.log_softmax(logits.float(), dim=1)).sum(dim=1).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def _groups(net: FaceNet) -> list[dict[str, object]]:
    decayed = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]


def _rate(step: int, steps: int) -> float:
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / max(1, steps - WARM_UP)))


@torch.no_grad()
def _average(averaged: FaceNet, net: FaceNet, keep: float) -> None:
    ours = [t for t in averaged.state_dict().values() if t.is_floating_point()]
    theirs = [t for t in net.state_dict().values() if t.is_floating_point()]
    torch._foreach_lerp_(ours, theirs, 1 - keep)
