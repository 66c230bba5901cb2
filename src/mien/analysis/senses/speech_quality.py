"""How far a speech reading can be trusted, and when there is none: from length, noise, clipping, voicing, entropy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.media.sound import active_frames, frame_levels
from mien.analysis.senses.model import card
from mien.analysis.senses.prosody import Prosody

QUIETEST = -75.0
"""Active level in dB full scale below which nothing is heard."""
NOISIEST = 4.0
"""Signal-to-noise estimate in dB below which speech counts as drowned."""
LEAST_VOICED = 0.05
"""Share of active frames that must have a pitch."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Conditions under which a part was heard.

    seconds: from first to last active frame; level: dB full scale, None in silence; snr: estimate in dB (level of
    loud frames over the quietest twentieth); clipped: share of samples at the clip's own ceiling, [0, 1];
    voiced: share of active frames with pitch.
    """

    seconds: float
    level: float | None
    snr: float
    clipped: float
    voiced: float

    @classmethod
    def of(cls, wave: NDArray[np.float32], measured: Prosody) -> Hearing:
        """From the samples and what `prosody` measured in them."""
        noise = noise_ratio(frame_levels(wave))
        return cls(measured.speech, measured.level, noise, clipped_share(wave), measured.voiced or 0.0)


def noise_ratio(levels: NDArray[np.float32]) -> float:
    """Signal-to-noise estimate in dB, in [0, 60]: active level over the quietest twentieth of the frame levels."""
    active = active_frames(levels, below=30.0)
    if not active.any():
        return 0.0
    loud = 10 * np.log10(np.mean(10 ** (levels[active].astype(np.float64) / 10)))
    return float(np.clip(loud - np.percentile(levels, 5), 0.0, 60.0))


def clipped_share(wave: NDArray[np.float32]) -> float:
    """Share of samples that lie within 0.1 % of the largest magnitude in runs of two or more."""
    size = np.abs(wave)
    if not len(size) or size.max() <= 0:
        return 0.0
    flat = size >= 0.999 * size.max()
    return float(np.mean(flat[1:] & flat[:-1])) if len(flat) > 1 else 0.0


def refusal(heard: Hearing, shortest: float) -> str | None:
    """Why there is no answer, in words, or None where there can be one."""
    if heard.level is None or heard.level < QUIETEST:
        return "no sound: the recording is silent here"
    if heard.seconds < shortest:
        return f"too short: {heard.seconds:.2f} s of speech, {shortest:.2f} s needed"
    if heard.snr < NOISIEST and heard.voiced < 0.3:
        return f"too noisy: speech about {heard.snr:.0f} dB above the noise, {NOISIEST:.0f} dB needed"
    if heard.voiced < LEAST_VOICED:
        return f"no voice: {heard.voiced * 100:.0f} % of the sound has a pitch"
    return None


def quality(heard: Hearing, probabilities: NDArray[np.float64], name: str = "speech") -> float:
    """Estimated chance in [0, 1] that the top label is right: logistic, coefficients from the card of that name."""
    weights = card(name)["quality"]
    total = weights["bias"] + float(np.dot(weights["weights"], conditions(heard, probabilities)))
    return float(1.0 / (1.0 + np.exp(-total)))


def conditions(heard: Hearing, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """What quality is computed from, each in [0, 1]: top probability, entropy, length, noise, clipping, voicing."""
    p = probabilities.clip(1e-9, 1.0)
    entropy = float(-(p * np.log(p)).sum() / np.log(len(p)))
    length = float(np.log(np.clip(heard.seconds, 0.5, 4.0) / 0.5) / np.log(8.0))
    noise = min(heard.snr, 40.0) / 40.0
    return np.array([float(p.max()), entropy, length, noise, min(heard.clipped * 20.0, 1.0), heard.voiced])
