"""Prosody every 10 ms: level against the clip's own, pitch against the clip's own in semitones, voiced or not.

Own numbers of a voice (how deep, how loud into the microphone) are taken out; what is left is movement.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.sound import active_frames, trim_edges
from mien.analysis.senses.prosody import tracks
from mien.research.encoders import Encoder, Plain
from mien.research.encoders.mel import averaged, hops


def build(*, trim: bool = True, hop: int = 1) -> Encoder:
    """trim: cut quiet edges off; hop: frames averaged."""
    hops(hop)

    def read(wave: NDArray[np.float32]) -> NDArray[np.float32]:
        levels, hertz = tracks(trim_edges(wave) if trim else wave)
        if not len(levels):
            return np.zeros((0, 3), np.float32)
        active, voiced = active_frames(levels, below=30.0), hertz > 0
        loud = (np.clip(levels - (levels[active].mean() if active.any() else levels.mean()), -40, 20)) / 10
        middle = np.median(hertz[voiced]) if voiced.any() else 1.0
        high = np.where(voiced, 12 * np.log2(np.where(voiced, hertz, middle) / middle), 0.0)
        return averaged(np.stack([loud, high / 6, voiced.astype(float)], axis=1).astype(np.float32), hop)

    return Plain("prosody", "1", "sound", 3, read, {"trim": trim, "hop": hop})
