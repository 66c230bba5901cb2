"""Balanced random batches: corpora by the square root of their size, classes evenly inside a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from bank import Bank
from corpora import CLASSES, LABELS, Clip
from numpy.typing import NDArray
from torch import Tensor

# Activation targets in [-1, 1]. Categories: Russell & Mehrabian 1977 (as in mien.affect.dimensions); calm
# ("relaxed") and boredom from the same table, from memory. RAVDESS: the category's value times 0.8 for
# normal and 1.2 for strong intensity. BAVED: low (tired, down), normal, high (any strong emotion).
AROUSAL = dict(
    neutral=0.0, anger=0.59, disgust=0.35, fear=0.60, happiness=0.51, sadness=-0.27, surprise=0.67,
    calm=-0.46, boredom=-0.62,
)  # fmt: skip
BAVED_AROUSAL = (-0.5, 0.0, 0.55)
RAVDESS_FACTOR = {1: 0.8, 2: 1.2}


def arousal(clip: Clip) -> float:
    """The activation a clip is trained towards."""
    if clip.label is None:
        return BAVED_AROUSAL[clip.strength]
    return AROUSAL[clip.label] * (RAVDESS_FACTOR[clip.strength] if clip.corpus == "ravdess" else 1.0)


@dataclass(frozen=True, slots=True)
class Batch:
    """mel (n, frames, 64), mask (n, frames) bool, target (n,) label index or -1, allowed (n, 9) bool,
    arousal (n,), index (n,) into the clip list."""

    mel: Tensor
    mask: Tensor
    target: Tensor
    allowed: Tensor
    arousal: Tensor
    index: Tensor


class Sampler:
    """Draws crops of 1-3.2 s from the clean or (with chance `worse`) degraded bank, a third 10 % slower or faster."""

    def __init__(
        self, clips: Sequence[Clip], chosen: Sequence[int], banks: tuple[Bank, Bank], seed: int, worse: float
    ) -> None:
        self.rng, self.worse = np.random.default_rng(seed), worse
        self.banks, self.clips = banks, clips
        self.groups: dict[str, list[NDArray[np.int64]]] = {}
        for corpus in CLASSES:
            of_label: dict[object, list[int]] = {}
            for i in chosen:
                if clips[i].corpus == corpus:
                    of_label.setdefault(clips[i].label or clips[i].strength, []).append(i)
            if of_label:
                self.groups[corpus] = [np.array(v) for v in of_label.values()]
        sizes = np.sqrt([sum(map(len, groups)) for groups in self.groups.values()])
        sizes *= [0.5 if corpus == "baved" else 1.0 for corpus in self.groups]  # words without categories
        self.share = sizes / sizes.sum()
        self.warps = {s: _warp(s) for s in (0.9, 1.1)}

    def draw(self, n: int) -> Batch:
        """The next random batch; all crops of a batch have one length, shorter clips are padded."""
        rng = self.rng
        frames = int(rng.integers(12, 41)) * 8
        names = rng.choice(list(self.groups), n, p=self.share)
        chosen = [int(rng.choice(groups[rng.integers(len(groups))])) for groups in map(self.groups.get, names)]
        mel = np.full((n, frames, 64), -18.0, np.float32)
        mask = np.zeros((n, frames), bool)
        for row, index in enumerate(chosen):
            crop = self._crop(index, frames)
            mel[row, : len(crop)], mask[row, : len(crop)] = crop, True
        clips = [self.clips[i] for i in chosen]
        return Batch(
            torch.from_numpy(mel),
            torch.from_numpy(mask),
            torch.tensor([LABELS.index(c.label) if c.label else -1 for c in clips]),
            torch.tensor([[label in CLASSES[c.corpus] for label in LABELS] for c in clips]),
            torch.tensor([arousal(c) for c in clips]),
            torch.tensor(chosen),
        )

    def _crop(self, index: int, frames: int) -> NDArray[np.float32]:
        rng = self.rng
        bank = self.banks[int(rng.random() < self.worse)]
        first, last = bank.offsets[index], bank.offsets[index + 1]
        speed = (0.9, 1.1)[rng.integers(2)] if rng.random() < 0.33 else 1.0
        need = min(int(frames * speed), int(last - first))
        start = first + int(rng.integers(0, last - first - need + 1))
        crop = bank.frames[start : start + need].astype(np.float32)
        if speed == 1.0:
            return crop
        place = np.minimum(np.arange(min(int(need / speed), frames)) * speed, need - 1)
        low = place.astype(int)
        part = (place - low)[:, None].astype(np.float32)
        crop = crop[low] * (1 - part) + crop[np.minimum(low + 1, need - 1)] * part
        return crop @ self.warps[speed]


def _warp(speed: float) -> NDArray[np.float32]:
    """(64, 64) matrix that reads each band where its frequency lay before the speed changed."""
    edges = np.linspace(_mel(50.0), _mel(7600.0), 66)
    hertz = 700 * (10 ** (edges[1:-1] / 2595) - 1)
    place = np.interp(hertz / speed, hertz, np.arange(64.0))
    matrix = np.zeros((64, 64), np.float32)
    low = np.minimum(place.astype(int), 62)
    matrix[low, np.arange(64)] = 1 - (place - low)
    matrix[low + 1, np.arange(64)] = place - low
    return matrix


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
