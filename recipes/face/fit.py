"""The training loop: soft votes, drawn so that rare classes are seen, averaged weights, resumable after each epoch."""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from augment import augment
from data import Faces
from net import FaceNet
from torch import Generator, Tensor
from torch.nn import functional as F

BATCH = 128
WARM_UP = 200
AVERAGE = 0.998


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained and how: shape of the net, highest rate, seed, and rounds of epochs at that rate and down to nothing.

    reach: of the crops in the falling epochs, 1 is the widest; halves: share of faces of which a whole side is covered.
    """

    shape: str = "small"
    highest: float = 3e-3
    seed: int = 7
    rounds: tuple[tuple[int, int], ...] = ((0, 40),)
    reach: float = 1.0
    halves: float = 0.08

    @property
    def epochs(self) -> int:
        return sum(steady + falling for steady, falling in self.rounds)

    def round(self, epoch: int) -> tuple[int, int, int]:
        """First epoch, steady and falling epochs of the round that `epoch` is in."""
        begun = 0
        for steady, falling in self.rounds:
            if epoch < begun + steady + falling:
                break
            begun += steady + falling
        return begun, steady, falling


#: "wide" is what ships, "small" what shipped before (README.md).
PLANS = {
    "small": Plan(),
    "wide": Plan("wide", highest=2e-3, rounds=((24, 10), (20, 16), (14, 14)), reach=0.75, halves=0.14),
}


class Training:
    """A net in training: all that a checkpoint needs to go on as if nothing had happened."""

    def __init__(self, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.random = Generator().manual_seed(plan.seed)
        self.net = FaceNet(plan.shape).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(self.net).eval()
        self.optimizer = torch.optim.AdamW(_groups(self.net), lr=plan.highest, fused=True)
        self.epoch = self.step = 0
        self.seconds = 0.0
        self.curve: list[Any] = []

    def save(self, path: Path) -> None:
        """Write everything, atomically."""
        state = {
            "plan": asdict(self.plan),
            "random": self.random.get_state(),
            "dropout": torch.get_rng_state(),
            "net": self.net.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "counts": (self.epoch, self.step, self.seconds),
            "curve": self.curve,
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        os.replace(part, path)

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote; ValueError where it was made by another plan."""
        state = torch.load(path, weights_only=True)
        if state["plan"] != asdict(self.plan):
            raise ValueError(f"{path} was made with {state['plan']}; remove it or give another --state")
        self.random.set_state(state["random"])
        torch.set_rng_state(state["dropout"])
        self.net.load_state_dict(state["net"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.step, self.seconds = state["counts"]
        self.curve = state["curve"]


def fit(faces: Faces, plan: Plan, *, state: Path, look: Callable[[FaceNet], Any]) -> Training:
    """Train on `faces`, from `state` where it exists; `look` tells of the averaged net after every fourth epoch."""
    training = Training(plan)
    if state.exists():
        training.load(state)
        print(f"going on after epoch {training.epoch}", flush=True)
    images = torch.from_numpy(faces.images)[:, None].float() / 255
    shares = torch.from_numpy(faces.shares)
    began, first = time.time(), training.epoch
    for epoch in range(training.epoch, plan.epochs):
        started = time.process_time()
        loss = _epoch(training, images, shares)
        training.seconds += time.process_time() - started
        training.epoch = epoch + 1
        if training.epoch % 4 == 0 or training.epoch == plan.epochs:
            training.curve.append({"epoch": training.epoch, **look(training.averaged)})
            print("  ", training.curve[-1], flush=True)
        training.save(state)
        left = (time.time() - began) / (training.epoch - first) * (plan.epochs - training.epoch) / 60
        cpu = f"{training.seconds:.0f} s of a processor"
        print(f"epoch {training.epoch}/{plan.epochs} loss {loss:.4f}, {cpu}, {left:.0f} min left", flush=True)
    return training


def draw_weights(shares: Tensor) -> Tensor:
    """Chance of each face to be drawn: sum over classes of share x prior^-.5."""
    prior = shares.mean(dim=0)
    return (shares * prior**-0.5).sum(dim=1)


def _epoch(training: Training, images: Tensor, shares: Tensor) -> float:
    """One epoch; the mean loss."""
    training.net.train()
    plan, count = training.plan, len(images) // BATCH
    begun, steady, falling = plan.round(training.epoch)
    reach = 1.0 if training.epoch < begun + steady else plan.reach
    rows = torch.multinomial(draw_weights(shares), count * BATCH, replacement=True, generator=training.random)
    total = 0.0
    for batch in rows.view(-1, BATCH):
        for group in training.optimizer.param_groups:
            group["lr"] = plan.highest * _rate(
                training.step - begun * count, steady * count, (steady + falling) * count
            )
        faces = augment(images[batch], training.random, reach=reach, halves=plan.halves)
        total += _step(training.net, training.optimizer, faces, shares[batch])
        training.step += 1
        _average(training.averaged, training.net, min(AVERAGE, (1 + training.step) / (10 + training.step)))
    return total / count


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


def _rate(step: int, steady: int, end: int) -> float:
    """Share of the highest rate: a short rise, level, then down as half a cosine."""
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    start = max(steady, WARM_UP)
    return 0.5 * (1 + math.cos(math.pi * max(0, step - start) / max(1, end - start)))


@torch.no_grad()
def _average(averaged: FaceNet, net: FaceNet, keep: float) -> None:
    ours = [t for t in averaged.state_dict().values() if t.is_floating_point()]
    theirs = [t for t in net.state_dict().values() if t.is_floating_point()]
    torch._foreach_lerp_(ours, theirs, 1 - keep)
