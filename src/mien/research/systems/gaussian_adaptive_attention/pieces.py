"""Utterances cut into pieces and put together again: the experiments score pieces, we score utterances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cut(wave: NDArray[np.float32], rate: int, seconds: float = 5.0) -> list[NDArray[np.float32]]:
    """Consecutive pieces of a mono wave, the last one shorter, not padded (published: zeros up to 5 s)."""
    size = max(round(seconds * rate), 1)
    return [wave[start : start + size] for start in range(0, max(len(wave), 1), size)]


def by_utterance(
    answers: NDArray[np.floating], utterances: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Probabilities of pieces (n, classes) averaged over each utterance, in the order in which they first occur."""
    names = tuple(dict.fromkeys(utterances))
    place = {name: at for at, name in enumerate(names)}
    rows = np.array([place[name] for name in utterances], np.int64)
    sums = np.zeros((len(names), np.shape(answers)[1]))
    np.add.at(sums, rows, np.asarray(answers, np.float64))
    return names, sums / np.bincount(rows, minlength=len(names))[:, None]
