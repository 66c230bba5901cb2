"""Skin conductance in plain NumPy: slow level, fast part, single responses, whether the band was worn.

Values are microsiemens on an even grid; NaN marks a gap and stays a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TONIC_CUTOFF = 0.05
"""Hz: what changes more slowly is called tonic (the usual high-pass split, e.g. neurokit2's `highpass`)."""
NOISE_SIGMA = 0.35
"""Seconds: width of the light smoothing that precedes peak finding (4 Hz devices step by about 1 nS)."""
SMALLEST_RESPONSE = 0.02
"""Microsiemens: a rise below this is not counted. Hand electrodes are read with 0.01-0.05; wrists are weaker."""
CONTACT = 0.03
"""Microsiemens: a wrist band off the skin reads (nearly) zero."""
CONTACT_SPAN = 10.0
"""Seconds over which contact is judged, so that one dropped sample is no removal."""


def smooth(values: Array, sigma: float) -> Array:
    """Gaussian mean that skips gaps.

    `values` (n,), `sigma` in samples. A NaN weighs nothing and stays NaN; the ends are averaged over what is there.
    """
    if sigma <= 0 or not len(values):
        return values.astype(float)
    reach = min(int(np.ceil(4 * sigma)), max(len(values) - 1, 0))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    there = np.isfinite(values)
    total = np.convolve(np.where(there, values, 0.0), kernel, mode="full")[reach : reach + len(values)]
    weight = np.convolve(there.astype(float), kernel, mode="full")[reach : reach + len(values)]
    out = np.full(len(values), np.nan)
    out[there] = total[there] / weight[there]
    return out


def split(eda: Array, rate: float) -> tuple[Array, Array]:
    """Skin conductance -> (tonic, phasic), both (n,) microsiemens; tonic + phasic is the lightly smoothed input.

    The tonic part is a Gaussian low-pass with its half-power point at `TONIC_CUTOFF`, zero phase.
    """
    clean = smooth(eda, NOISE_SIGMA * rate)
    sigma = np.sqrt(np.log(2)) / (2 * np.pi * TONIC_CUTOFF) * rate
    tonic = smooth(clean, sigma)
    return tonic, clean - tonic


@dataclass(frozen=True, slots=True)
class Responses:
    """Skin conductance responses: `times` (k,) seconds of the peaks, `rises` (k,) microsiemens from foot to peak."""

    times: Array
    rises: Array


def responses(eda: Array, rate: float, *, smallest: float = SMALLEST_RESPONSE) -> Responses:
    """Count the quick rises of skin conductance.

    A response is a rise from a local minimum to the next local maximum of the phasic part of at least `smallest`,
    lasting 0.5 to 8 s (slower ones are drift, quicker ones are the electrode). A rise across a gap is not counted.
    """
    phasic = split(eda, rate)[1]
    if len(phasic) < 3:
        return Responses(np.empty(0), np.empty(0))
    step = np.diff(phasic)
    up = np.where(np.isfinite(step), step > 0, False)
    edge = np.diff(np.concatenate(([False], up, [False])).astype(int))
    foot, peak = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    rise, lasting = phasic[peak] - phasic[foot], (peak - foot) / rate
    keep = (rise >= smallest) & (lasting >= 0.5) & (lasting <= 8.0)
    return Responses(peak[keep] / rate, rise[keep])


def contact(eda: Array, rate: float) -> NDArray[np.bool_]:
    """(n,) True where the electrodes touch skin: mean conductance over `CONTACT_SPAN` above `CONTACT`."""
    width = max(round(CONTACT_SPAN * rate), 1)
    there = np.isfinite(eda)
    kernel = np.ones(min(width, max(len(eda), 1)))
    if not len(eda):
        return np.zeros(0, bool)
    total = np.convolve(np.where(there, eda, 0.0), kernel, mode="same")
    weight = np.convolve(there.astype(float), kernel, mode="same")
    return there & (total > CONTACT * np.maximum(weight, 1.0))
