"""What the model of the speech sense answers to clips: the shipped network, or the encoder that the user added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.sound import RATE, trim_edges
from mien.analysis.senses import speech_encoder
from mien.analysis.senses.model import network
from mien.analysis.senses.speech_features import voice_features
from mien.errors import RequestError

MODEL = "speech-3"
"""The shipped model; `model_in_use` is the one that answers."""
CARDS = {MODEL: "speech", speech_encoder.MODEL: speech_encoder.NAME}
"""Name of each model's card among the weights."""
BATCH = 16
STEP = 8
"""Frames of 10 ms in a step of either model."""

_LONGEST = 4 * RATE

HIDDEN = 256
"""Width of the last hidden layer of the shipped network."""


def model_in_use() -> str:
    """Id of the model that `classify` asks: the added one where there is one, else the shipped one."""
    return speech_encoder.MODEL if speech_encoder.added() else MODEL


@dataclass(frozen=True, slots=True, eq=False)
class SpeechReading:
    """What the network answers to n clips.

    probabilities: (n, 7) float64 in the order of basic7, calibrated, rows sum to 1; arousal: (n,) in [-1, 1];
    hidden: (n, d) float32, the last hidden layer; told: for each clip (steps, 7), what each 80 ms after its quiet
    edge adds to each label against the others.
    """

    probabilities: NDArray[np.float64]
    arousal: NDArray[np.float64]
    hidden: NDArray[np.float32]
    told: tuple[NDArray[np.float32], ...]


def classify(clips: Sequence[NDArray[np.float32]], model: str | None = None) -> SpeechReading:
    """Reads clips of one voice each, (samples,) float32 at 16 kHz, any level; quiet edges are cut first.

    model: id of the model to ask; None for the one in use.

    Clips over four seconds are read in equal pieces and averaged. Answers do not depend on which clips are read
    together. RequestError for a clip with less than 25 ms of sound.
    """
    pieces: list[NDArray[np.float32]] = []
    owners: list[int] = []
    for index, clip in enumerate(clips):
        sound = trim_edges(clip)
        if len(sound) < 400:
            raise RequestError(f"clip {index} holds no sound; leave silent clips out")
        parts = np.array_split(sound, -(-len(sound) // _LONGEST))
        pieces += parts
        owners += [index] * len(parts)
    asked = model or model_in_use()
    answers, told = _both(pieces) if asked == speech_encoder.MODEL and pieces else _run(pieces)
    owner = np.array(owners, int)
    mean = {name: _grouped(values, owner, len(clips)) for name, values in answers.items()}
    power = np.exp(mean["logits"] - mean["logits"].max(axis=1, keepdims=True))
    return SpeechReading(
        power / power.sum(axis=1, keepdims=True),
        mean["arousal"].clip(-1, 1),
        mean["hidden"].astype(np.float32),
        tuple(np.concatenate([told[i] for i in np.flatnonzero(owner == clip)]) for clip in range(len(clips))),
    )


def _run(sounds: Sequence[NDArray[np.float32]]) -> tuple[dict[str, NDArray[np.float64]], list[NDArray[np.float32]]]:
    """The network's outputs for all pieces, run in batches of like length; and what each step tells, piece by piece."""
    pieces = [voice_features(sound) for sound in sounds]
    count = len(pieces)
    out = {"logits": np.zeros((count, 7)), "arousal": np.zeros(count), "hidden": np.zeros((count, HIDDEN))}
    told = [np.zeros((0, 7), np.float32)] * count
    order = np.argsort([len(piece) for piece in pieces], kind="stable")
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        longest = max(len(pieces[i]) for i in rows)
        features = np.stack([np.pad(pieces[i], ((0, longest - len(pieces[i])), (0, 0))) for i in rows])
        lengths = np.array([[len(pieces[i])] for i in rows])
        mask = (np.arange(longest)[None] < lengths).astype(np.float32)
        answers = network("speech").run(features=features, mask=mask)
        for name, values in out.items():
            values[rows] = answers[name]
        for row, steps in zip(rows, answers["told"], strict=True):
            told[row] = steps[: -(-len(pieces[row]) // STEP)]
    return out, told


def _both(sounds: Sequence[NDArray[np.float32]]) -> tuple[dict[str, NDArray[np.float64]], list[NDArray[np.float32]]]:
    """As `_run`, with the added encoder's logits and the shipped network's together; activation is the network's."""
    answers, told = _run(sounds)
    logits, hidden, ours = speech_encoder.hear(sounds)
    share = speech_encoder.head().beside
    answers["logits"] = logits + share * answers["logits"]
    answers["hidden"] = np.hstack([hidden, answers["hidden"]])
    steps = [min(len(one), len(other)) for one, other in zip(ours, told, strict=True)]
    told = [one[:n] + np.float32(share) * other[:n] for n, one, other in zip(steps, ours, told, strict=True)]
    return answers, told


def _grouped(values: NDArray[np.float64], owner: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Mean of the rows of each owner."""
    total = np.zeros((count, *values.shape[1:]))
    np.add.at(total, owner, values)
    share = np.bincount(owner, minlength=count).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(total / np.maximum(share, 1))
