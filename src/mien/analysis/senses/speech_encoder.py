"""The speech sense with the encoder that a user added: its states over time, and a small head that Mien ships.

The head (weights/speech_encoder.npz, made by recipes/speech/voice_train.py) is a few small networks on mean and
deviation over time of the encoder's states. Their logits are averaged, and the shipped network's are added with a
weight (`Head.beside`), which makes the answer steadier in noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.addvoice import added_voice
from mien.analysis.moments.encoder import voice_states
from mien.analysis.senses.model import WEIGHTS

NAME, MODEL = "speech_encoder", "speech-encoder-1"
"""Name of the head's files, and the model's id in every Evidence."""
_STEP = 8  # frames of 10 ms
_LEAST = 1e-3

Array = NDArray[np.float32]


def added() -> bool:
    """Whether the user added the encoder (`mien models add voice`)."""
    return added_voice().is_file()


def check() -> None:
    """InputError where the added encoder does not answer."""
    voice_states([np.zeros(800, np.float32)])


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """m networks of one hidden layer on d values.

    centre, scale (d,); first (m, d, h), first_bias (m, h); second (m, h, k), second_bias (m, k): logits, already
    divided by the temperature; beside: by what the shipped network's logits are multiplied before they are added.
    """

    centre: Array
    scale: Array
    first: Array
    first_bias: Array
    second: Array
    second_bias: Array
    beside: float = 0.0

    def answer(self, values: Array) -> tuple[Array, Array]:
        """(n, d) values to the mean logits (n, k) and the hidden layers (n, m * h)."""
        given = (values - self.centre) / self.scale
        hidden = np.maximum(given @ self.first + self.first_bias[:, None], 0.0)  # (m, n, h)
        out = (hidden @ self.second + self.second_bias[:, None]).mean(axis=0)
        return out, np.moveaxis(hidden, 0, 1).reshape(len(values), -1)

    def slope(self, hidden: Array) -> Array:
        """How the mean logits move with each value, where the hidden layers (m * h,) are: (d, k)."""
        on = hidden.reshape(self.first_bias.shape) > 0
        moved = (self.first * on[:, None]) @ self.second
        return np.asarray(moved.mean(axis=0) / self.scale[:, None], np.float32)


@cache
def head() -> Head:
    """The shipped head."""
    with (
        resources.files(WEIGHTS).joinpath(f"{NAME}.npz").open("rb") as stream,
        np.load(stream, allow_pickle=False) as kept,
    ):
        parts = {name: kept[name].astype(np.float32) for name in Head.__slots__}
    return Head(**parts | {"beside": float(parts["beside"])})


def pooled(states: Array) -> Array:
    """Mean and deviation over time: (frames, 256) to (512,)."""
    return np.concatenate([states.mean(axis=0), states.std(axis=0)])


def hear(pieces: Sequence[Array]) -> tuple[Array, Array, list[Array]]:
    """The head's part of the logits (n, 7), its hidden layers (n, m * h), and what each 80 ms of each piece tells for
    each label, (steps, 7). InputError where the added encoder does not answer."""
    states = voice_states(pieces)
    logits, hidden = head().answer(np.stack([pooled(one) for one in states]))
    return logits, hidden, [_told(one, head().slope(row)) for one, row in zip(states, hidden, strict=True)]


def _told(states: Array, slope: Array) -> Array:
    """What each step moves each logit, to first order: by how far its states lie from their mean, and how far beyond
    their deviation, against the other labels."""
    away = states - states.mean(axis=0)
    spread = np.maximum(states.std(axis=0), _LEAST)
    moved = away @ slope[: away.shape[1]] + (away**2 / spread - spread) / 2 @ slope[away.shape[1] :]
    moved /= len(states)
    starts = np.arange(0, len(moved), _STEP)
    steps = np.add.reduceat(moved, starts, axis=0)
    return np.asarray(steps - steps.mean(axis=1, keepdims=True), np.float32)
