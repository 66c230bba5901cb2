"""Teaches the listener: from worse recordings, step by step, to what the encoder heard in the clean ones."""

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
from torch import Tensor

BATCH, FRAMES = 64, 200
PEAK_RATE = 2e-3
WORSE = 0.3
"""Share of pieces heard through rooms, telephones and noise in the waveform itself."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """The bank of `elsewhere.build`; piece i is frames [offsets[i], offsets[i + 1])."""

    offsets: NDArray[np.int64]
    clean: NDArray[np.float16]
    degraded: NDArray[np.float16]
    first: NDArray[np.float16]
    second: NDArray[np.float16]

    @classmethod
    def open(cls, folder: Path) -> Lessons:
        """The bank, read from disk as it is needed."""
        widths = dict(clean=64, degraded=64, first=WIDTH, second=WIDTH)
        read = {
            name: np.memmap(folder / f"{name}.f16", np.float16, "r").reshape(-1, width)
            for name, width in widths.items()
        }
        return cls(np.load(folder / "offsets.npy"), **read)

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """mel (count, 200, 64), mask, and the encoder's states (count, 100, 256) twice; pieces begin at the beginning
        or, half of them, anywhere."""
        mel = np.full((count, FRAMES, 64), -18.0, np.float32)
        mask = np.zeros((count, FRAMES), bool)
        told = [np.zeros((count, FRAMES // STEP, WIDTH), np.float32) for _ in range(2)]
        for row, piece in enumerate(rng.integers(0, len(self.offsets) - 1, count)):
            start, stop = self.offsets[piece], self.offsets[piece + 1]
            spare = (stop - start - FRAMES) // STEP
            if spare > 0 and rng.random() < 0.5:
                start += STEP * int(rng.integers(0, spare + 1))
            stop = min(stop, start + FRAMES)
            bank = self.degraded if rng.random() < WORSE else self.clean
            mel[row, : stop - start] = bank[start:stop]
            mask[row, : stop - start] = True
            for values, states in zip(told, (self.first, self.second), strict=True):
                values[row, : (stop - start) // STEP] = states[start // STEP : stop // STEP]
        return torch.from_numpy(mel), torch.from_numpy(mask), *map(torch.from_numpy, told)


def listen(folder: Path, target: Path, *, steps: int, seed: int = 0, save_every: int = 250) -> Listener:
    """Trains the listener and writes it; goes on from the file where one lies."""
    torch.manual_seed(seed)
    lessons = Lessons.open(folder)
    net = Listener()
    optimiser = torch.optim.AdamW(net.parameters(), lr=PEAK_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, pct_start=0.1)
    some = slice(0, len(lessons.first), max(len(lessons.first) // 100_000, 1))
    scales = [_scale(lessons.first[some]), _scale(lessons.second[some])]
    done = 0
    if target.exists():
        saved = torch.load(target, weights_only=True)
        net.load_state_dict(saved["net"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        done = saved["done"]
    begun, running = time.process_time(), 0.0
    for step in range(done, steps):
        rng, random = np.random.default_rng([seed, step]), torch.Generator().manual_seed(seed * 1_000_003 + step)
        mel, mask, *told = lessons.draw(rng, BATCH)
        features = normalise(augment(mel, mask, random, often=0.6), mask)
        counted = mask[:, ::STEP].float()
        counted[:, :5] = 0  # 0.1 s: a piece that begins inside a sentence has not been heard from its beginning
        with torch.autocast("cpu", torch.bfloat16):
            answers = net(features, mask.float())
        errors = [
            _error(a.float(), (t - mean) / spread, counted)
            for a, t, (mean, spread) in zip(answers, told, scales, strict=True)
        ]
        loss = 0.5 * errors[0] + errors[1]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running += (errors[1].item() - running) * max(0.02, 1 / (step - done + 1))
        if (step + 1) % 50 == 0:
            print(
                f"step {step + 1} of {steps}: left of layer 2 {running:.3f}, cpu {time.process_time() - begun:.0f} s",
                flush=True,
            )
        if (step + 1) % save_every == 0 or step + 1 == steps:
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}
            part = target.with_suffix(".part")
            torch.save(state | {"done": step + 1}, part)
            part.replace(target)
    return net.eval()


def _scale(states: NDArray[np.float16]) -> tuple[Tensor, Tensor]:
    values = torch.from_numpy(np.asarray(states, np.float32))
    return values.mean(dim=0), values.std(dim=0) + 1e-3


def _error(answer: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Mean squared error of standardised states: 1 for a listener that knows nothing."""
    return (((answer - wanted) ** 2).mean(dim=2) * counted).sum() / counted.sum()
