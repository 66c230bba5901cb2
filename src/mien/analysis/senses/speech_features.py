"""What the speech network is given: log-mel frames freed of level and channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.sound import log_mel

ACTIVE = 6.9
"""Frames within 6.9 nats (30 dB) of the clip's loud frames (95th percentile) count as active."""
DEPTH = 13.0
"""Soft floor: bands more than 13 nats (56 dB) under the active level are flattened."""
SCALE = 0.5


def voice_features(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features of one clip: (samples,) float32 at 16 kHz to (frames, 64) float32; any gain gives the same."""
    return normalise(log_mel(wave))


def normalise(mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-mel (frames, 64) relative to its active level, floored, less each band's mean over active frames.

    Level and mean spectrum of a recording say more about microphone and room than about feeling; without
    them the network does better on corpora it has not seen (recipes/speech/README.md).
    """
    if not len(mel):
        return mel.astype(np.float32)
    energy = np.log(np.exp(mel).sum(axis=1))
    active = energy >= np.percentile(energy, 95) - ACTIVE
    level = np.log(np.exp(energy[active]).mean())
    floored = np.logaddexp(mel - level, np.float32(-DEPTH))
    return np.asarray((floored - floored[active].mean(axis=0)) * SCALE, np.float32)
