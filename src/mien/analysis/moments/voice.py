"""How a voice sounds, as 96 numbers: nearer for one speaker than for two, whatever is said and felt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.analysis import network

SIZE = 96
"""Values of an embedding."""
LEAST = 40
"""Frames of 10 ms: less than this tells nothing of a voice."""
_BATCH = 32


def embed(pieces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """(n, 96) float32 of length 1 for n log-mel pieces (frames, 64) of at least `LEAST` frames; their cosine says how
    alike two voices are. Made by `recipes/voice`."""
    vectors = np.empty((len(pieces), SIZE), np.float32)
    model = network.network("voice", "mien.analysis.moments.weights")
    lengths = np.array([len(piece) for piece in pieces])
    for length in np.unique(lengths):
        places = np.flatnonzero(lengths == length)
        for some in np.split(places, range(_BATCH, len(places), _BATCH)):
            vectors[some] = model.run(mel=np.stack([pieces[place] for place in some]))["voice"]
    return vectors
