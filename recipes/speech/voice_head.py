"""The head on the encoder that a user adds: three small networks whose logits are averaged.

They see 512 values a clip (mean and deviation over time of the encoder's states), half of the time of the clip as it is,
else changed (`voice_values.py`). Each clip's softmax runs over the classes its corpus has; corpora are drawn by the square
root of their size (BAVED, which has no categories, at half), classes evenly inside. The tenth output is activation, learned beside and not shipped: the network's own is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from batches import arousal
from corpora import CLASSES, LABELS, SHIPPED, Clip
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from mien.analysis.senses.speech_encoder import Head

Array = NDArray[np.float32]
WIDTH, HIDDEN, OUT = 512, 128, len(LABELS) + 1
STEPS, BATCH, RATE, DECAY, SMOOTHING = 1200, 256, 2e-3, 0.05, 0.1
DROPOUT = (0.2, 0.5)
"""Of the values, and of the hidden layer."""
SEEDS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Material:
    """Clips, and the values of each variant (variants, clips, 512); the first is clean."""

    clips: Sequence[Clip]
    values: Array


def fit(material: Material, chosen: Sequence[int]) -> Head:
    """The head trained on the chosen clips, all variants; nine labels, then activation."""
    rows = np.array(chosen)
    values = material.values[:, rows]
    centre = values[0].mean(axis=0)
    scale = values[0].std(axis=0) + 1e-6
    given = (values - centre) / scale
    nets = [_train(given, [material.clips[row] for row in rows], seed) for seed in SEEDS]
    return Head(centre, scale, *(np.stack(part) for part in zip(*nets, strict=True)))


def _train(values: Array, clips: Sequence[Clip], seed: int) -> tuple[Array, ...]:
    """One network's weights: AdamW, one cycle, each draw in a random variant."""
    torch.manual_seed(seed)
    given = torch.from_numpy(np.ascontiguousarray(values, np.float32))
    target = torch.tensor([LABELS.index(clip.label) if clip.label else -1 for clip in clips])
    allowed = torch.tensor([[label in CLASSES[clip.corpus] for label in LABELS] for clip in clips])
    level, weights = torch.tensor([arousal(clip) for clip in clips]), balance(clips)
    first, second = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, OUT)
    net = nn.Sequential(nn.Dropout(DROPOUT[0]), first, nn.ReLU(), nn.Dropout(DROPOUT[1]), second)
    variants = torch.tensor([1.0] + [1 / max(len(given) - 1, 1)] * (len(given) - 1))  # half of all draws are clean
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS, pct_start=0.1)
    for _ in range(STEPS):
        rows = torch.multinomial(weights, BATCH, replacement=True)
        out = net(given[torch.multinomial(variants, BATCH, replacement=True), rows])
        loss = _loss(out, target[rows], allowed[rows]) + 0.5 * F.huber_loss(torch.tanh(out[:, -1]), level[rows], delta=0.5)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
    parts = (first.weight.T, first.bias, second.weight.T, second.bias)
    return tuple(part.detach().numpy() for part in parts)


def _loss(out: Tensor, target: Tensor, allowed: Tensor) -> Tensor:
    """Cross-entropy over the classes that each clip's corpus has, smoothed inside them."""
    named = target >= 0
    may = allowed[named]
    logs = F.log_softmax(out[named, : len(LABELS)].masked_fill(~may, -1e4), dim=1)
    goal = F.one_hot(target[named], len(LABELS)).float() * (1 - SMOOTHING)
    goal = goal + may.float() / may.sum(dim=1, keepdim=True) * SMOOTHING
    return -(goal * logs.masked_fill(~may, 0.0)).sum() / len(target)


def balance(clips: Sequence[Clip]) -> Tensor:
    """Chance of each clip to be drawn."""
    corpus = np.array([clip.corpus for clip in clips])
    label = np.array([f"{clip.label} {clip.strength if clip.label is None else ''}" for clip in clips])
    weights = np.zeros(len(clips))
    for name in np.unique(corpus):
        own = corpus == name
        kinds = np.unique(label[own])
        for kind in kinds:
            some = own & (label == kind)
            weights[some] = own.sum() ** 0.5 / len(kinds) / some.sum() * (0.5 if name == "baved" else 1.0)
    return torch.from_numpy(weights)


def answer(head: Head, values: Array) -> Array:
    """Nine logits (n, 9) of a head as `fit` makes it."""
    return head.answer(values)[0][:, : len(LABELS)]


def shipped(head: Head, heat: float, beside: float) -> Head:
    """The head as the sense wants it: seven labels, divided by the temperature, and what is added to them."""
    second, bias = head.second[:, :, :SHIPPED], head.second_bias[:, :SHIPPED]
    return Head(head.centre, head.scale, head.first, head.first_bias, second / heat, bias / heat, beside / heat)
