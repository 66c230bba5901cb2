"""Zero-shot matching: pictures against the bare words of eight basic and seven compound emotions (NumPy only)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError

WORDS = (
    "neutral", "angry", "disgusted", "fearful", "happy", "sad", "surprised", "other", "fearfully surprised",
    "happily surprised", "sadly surprised", "disgustedly surprised", "angrily surprised", "sadly fearful",
    "sadly angry",
)  # fmt: skip
"""What the text encoder is given; the last seven are the compounds."""


def match(
    pictures: NDArray[np.floating], words: NDArray[np.floating], *, scale: float = 1.0, compounds: int = 7
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probabilities of the basic and of the compound words: each block sums to 1.

    pictures (frames, width), words (labels, width), both of length 1; softmax over all labels of scale times the
    cosine, mean over frames, then each block by itself. scale: 1 as published (nearly uniform), 100 as CLIP learnt it.
    """
    if pictures.ndim != 2 or words.ndim != 2 or not len(pictures) or pictures.shape[1] != words.shape[1]:
        raise RequestError(
            f"pictures must be (frames, width) and words (labels, width), got {pictures.shape} and {words.shape}"
        )
    logits = scale * (np.asarray(pictures, float) @ np.asarray(words, float).T)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    told = (raised / raised.sum(axis=1, keepdims=True)).mean(axis=0)
    basic, compound = told[: len(told) - compounds], told[len(told) - compounds :]
    return basic / basic.sum(), compound / compound.sum()
