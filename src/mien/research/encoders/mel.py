"""Log-mel frames of a voice: 64 bands every 10 ms, quiet edges cut off, freed of level and channel.

What the shipped speech model reads (analysis.senses.speech_features): relative to the clip's active level, less each
band's mean over active frames. Corpora differ in silence, level and microphone, and a model learns them by these.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.sound import BANDS, log_mel, trim_edges
from mien.analysis.senses.speech_features import voice_features
from mien.errors import RequestError
from mien.research.encoders import Encoder, Plain


def build(*, trim: bool = True, level: bool = True, hop: int = 1) -> Encoder:
    """trim: cut quiet edges off; level: free of level and channel (False: plain log power); hop: frames averaged."""
    hops(hop)

    def read(wave: NDArray[np.float32]) -> NDArray[np.float32]:
        wave = trim_edges(wave) if trim else wave
        frames = voice_features(wave) if level else log_mel(wave)
        return averaged(frames, hop)

    return Plain("mel", "1", "sound", BANDS, read, {"trim": trim, "level": level, "hop": hop})


def hops(hop: int) -> None:
    """RequestError for fewer than one frame at a time."""
    if hop < 1:
        raise RequestError(f"hop {hop}; 1 frame at least")


def averaged(frames: NDArray[np.float32], hop: int) -> NDArray[np.float32]:
    """Means of `hop` frames after one another; the last may hold fewer."""
    if hop == 1 or not len(frames):
        return frames
    edges = np.arange(0, len(frames), hop)
    counts = np.diff(np.append(edges, len(frames)))
    return np.asarray(np.add.reduceat(frames, edges, axis=0) / counts[:, None], np.float32)
