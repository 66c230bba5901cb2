"""Teaches the listener: from worse recordings, step by step, to what its teachers heard in the clean ones."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from augment import augment, normalise
from elsewhere import STEP
from listener import WIDTH, Listener
from numpy.typing import NDArray
from recogniser import WIDTH as WORDS
from torch import Tensor

BATCH, FRAMES = 64, 200
WORSE = 0.3
"""Share of pieces heard through rooms, telephones and noise in the waveform itself."""
SAVE_EVERY = 250


@dataclass(frozen=True, slots=True)
class Round:
    """One cycle of the rate; shares: weight of the error of each teacher's states (layer 1, layer 2, recogniser)."""

    steps: int
    peak: float
    shares: tuple[float, float, float]


ROUNDS = (
    Round(4500, 2e-3, (0.5, 1.0, 0.0)),
    Round(5000, 1.5e-3, (0.5, 1.0, 0.0)),
    Round(4000, 1.5e-3, (0.5, 1.0, 1.0)),
)


@dataclass(frozen=True, slots=True)
class Lessons:
    """The bank of `elsewhere.build`; piece i is frames [offsets[i], offsets[i + 1])."""

    offsets: NDArray[np.int64]
    clean: NDArray[np.float16]
    degraded: NDArray[np.float16]
    first: NDArray[np.float16]
    second: NDArray[np.float16]
    words: NDArray[np.float16]

    @classmethod
    def open(cls, folder: Path) -> Lessons:
        """The bank, read from disk as it is needed."""
        widths = dict(clean=64, degraded=64, first=WIDTH, second=WIDTH, words=WORDS)
        read = {
            name: np.memmap(folder / f"{name}.f16", np.float16, "r").reshape(-1, width)
            for name, width in widths.items()
        }
        return cls(np.load(folder / "offsets.npy"), **read)

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Tensor, Tensor, list[Tensor]]:
        """mel (count, 200, 64), mask, and the teachers' states, (count, 100, width) each; pieces begin at the beginning
        or, half of them, anywhere."""
        mel = np.full((count, FRAMES, 64), -18.0, np.float32)
        mask = np.zeros((count, FRAMES), bool)
        banks = (self.first, self.second, self.words)
        told = [np.zeros((count, FRAMES // STEP, bank.shape[1]), np.float32) for bank in banks]
        for row, piece in enumerate(rng.integers(0, len(self.offsets) - 1, count)):
            start, stop = self.offsets[piece], self.offsets[piece + 1]
            spare = (stop - start - FRAMES) // STEP
            if spare > 0 and rng.random() < 0.5:
                start += STEP * int(rng.integers(0, spare + 1))
            stop = min(stop, start + FRAMES)
            bank = self.degraded if rng.random() < WORSE else self.clean
            mel[row, : stop - start] = bank[start:stop]
            mask[row, : stop - start] = True
            for values, states in zip(told, banks, strict=True):
                values[row, : (stop - start) // STEP] = states[start // STEP : stop // STEP]
        return torch.from_numpy(mel), torch.from_numpy(mask), [torch.from_numpy(values) for values in told]


def listen(folder: Path, work: Path) -> None:
    """All rounds, each from where the one before ended: `listener-0.pt` and so on."""
    lessons, before = Lessons.open(folder), None
    for number, cycle in enumerate(ROUNDS):
        target = work / f"listener-{number}.pt"
        listen_once(lessons, cycle, target, before=before, seed=number)
        before = target


def listen_once(lessons: Lessons, cycle: Round, target: Path, *, before: Path | None, seed: int) -> None:
    """One round from the listener in `before` (None: from nothing); goes on from `target` where one lies."""
    torch.manual_seed(seed)
    net = Listener()
    if before is not None:
        net.load_state_dict(torch.load(before, weights_only=True)["net"])
    optimiser = torch.optim.AdamW(net.parameters(), lr=cycle.peak, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, cycle.peak, total_steps=cycle.steps, pct_start=0.1)
    some = slice(0, len(lessons.first), max(len(lessons.first) // 100_000, 1))
    scales = [_scale(states[some]) for states in (lessons.first, lessons.second, lessons.words)]
    done = 0
    if target.exists():
        saved = torch.load(target, weights_only=True)
        net.load_state_dict(saved["net"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        done = saved["done"]
    begun, running = time.process_time(), np.zeros(3)
    for step in range(done, cycle.steps):
        rng, random = np.random.default_rng([seed, step]), torch.Generator().manual_seed(seed * 1_000_003 + step)
        mel, mask, told = lessons.draw(rng, BATCH)
        features = normalise(augment(mel, mask, random, often=0.6), mask)
        counted = mask[:, ::STEP].float()
        counted[:, :5] = 0  # 0.1 s: a piece that begins inside a sentence has not been heard from its beginning
        with torch.autocast("cpu", torch.bfloat16):
            answers = net(features, mask.float())
        errors = [
            _error(a.float(), (t - mean) / spread, counted)
            for a, t, (mean, spread) in zip(answers, told, scales, strict=True)
        ]
        loss = torch.stack([share * error for share, error in zip(cycle.shares, errors, strict=True)]).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running += (np.array([error.item() for error in errors]) - running) * max(0.02, 1 / (step - done + 1))
        if (step + 1) % 50 == 0:
            left = f"left of layer 2 {running[1]:.3f}, of the recogniser {running[2]:.3f}"
            print(f"step {step + 1} of {cycle.steps}: {left}, cpu {time.process_time() - begun:.0f} s", flush=True)
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == cycle.steps:
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}
            part = target.with_suffix(".part")
            torch.save(state | {"done": step + 1}, part)
            part.replace(target)


def _scale(states: NDArray[np.float16]) -> tuple[Tensor, Tensor]:
    values = torch.from_numpy(np.asarray(states, np.float32))
    return values.mean(dim=0), values.std(dim=0) + 1e-3


def _error(answer: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Mean squared error of standardised states: 1 for a listener that knows nothing."""
    return (((answer - wanted) ** 2).mean(dim=2) * counted).sum() / counted.sum()
