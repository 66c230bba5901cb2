"""Smoothing of curves in plain NumPy: Butterworth low-pass, Savitzky-Golay, median."""

from __future__ import annotations

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers

PADS = {"mirror": "reflect", "nearest": "edge", "wrap": "wrap", "constant": "constant"}


def butterworth(order: int, cutoff: float, rate: float) -> Numbers:
    """Sections (m, 5) of a digital low-pass: b0, b1, b2, a1, a2 each (a0 = 1), gain 1 at frequency 0.

    order >= 1; cutoff and rate in Hz, 0 < cutoff < rate / 2. Source: bilinear transform with prewarping, Oppenheim and
    Schafer, Discrete-Time Signal Processing, ch. 7. RequestError: outside these bounds.
    """
    if order < 1 or not 0 < cutoff < rate / 2:
        raise RequestError(
            f"low-pass: order {order}, cutoff {cutoff} Hz at {rate} Hz; needs 0 < cutoff < {rate / 2} Hz"
        )
    warped = np.tan(np.pi * cutoff / rate)
    sections = [_section(warped, -2 * np.cos(np.pi * (2 * k + order + 1) / (2 * order))) for k in range(order // 2)]
    if order % 2:
        gain = warped / (1 + warped)
        sections.append(np.array([gain, gain, 0.0, (warped - 1) / (1 + warped), 0.0]))
    return np.array(sections)


def _section(warped: float, damping: float) -> Numbers:
    """One pair of conjugate poles."""
    scale = 1 + damping * warped + warped**2
    gain = warped**2 / scale
    return np.array([gain, 2 * gain, gain, 2 * (warped**2 - 1) / scale, (1 - damping * warped + warped**2) / scale])


def low_pass(values: Numbers, sections: Numbers, *, causal: bool = False) -> Numbers:
    """Values (n,) through the sections.

    causal: one pass from rest, which delays the curve and starts at 0, as some released code does; otherwise forward
    and backward with odd continuation at both ends, so that nothing is shifted in time.
    """
    if causal:
        return _pass(values, sections, 0.0)
    poles = 2 * len(sections) - int(sections[-1, 4] == 0)
    pad = min(3 * (poles + 1), len(values) - 1)
    before, after = 2 * values[0] - values[pad:0:-1], 2 * values[-1] - values[-2 : -pad - 2 : -1]
    longer = np.concatenate([before, values, after])
    forward = _pass(longer, sections, float(longer[0]))
    return _pass(forward[::-1], sections, float(forward[-1]))[::-1][pad : pad + len(values)]


def _pass(values: Numbers, sections: Numbers, level: float) -> Numbers:
    """One pass, as if the input had been constant at `level` before."""
    out = values
    for b0, b1, b2, a1, a2 in sections:
        # State of the transposed direct form in rest at `level` (each section has gain 1 there).
        first, second = level * (1 - b0), level * (b2 - a2)
        result = np.empty(len(out))
        for i, x in enumerate(out.tolist()):
            y = b0 * x + first
            first, second = b1 * x - a1 * y + second, b2 * x - a2 * y
            result[i] = y
        out = result
    return out


def savgol(values: Numbers, window: int, degree: int, *, mode: str = "interp") -> Numbers:
    """Least-squares polynomials over a sliding window (degree 0: the moving mean).

    window: odd number of samples, at most n; mode: "interp" takes the ends from the polynomial of the first and last
    window; "mirror", "nearest", "wrap", "constant" continue the curve. Source: Savitzky and Golay 1964.
    RequestError: an even or too long window, a degree not below it, an unknown mode.
    """
    half = window // 2
    if window % 2 == 0 or not 0 <= degree < window or (mode == "interp" and window > len(values)):
        raise RequestError(f"smoothing: window {window}, degree {degree} on {len(values)} samples; needs an odd window")
    if mode != "interp" and mode not in PADS:
        raise RequestError(f"mode: {mode!r}; allowed: interp, {', '.join(PADS)}")
    # Row i of `fit` gives the polynomial's value at place i of a window from the window's samples.
    powers = np.vander(np.linspace(-1, 1, window), degree + 1, increasing=True)
    fit = powers @ np.linalg.pinv(powers)
    if mode == "interp":
        inner = np.convolve(values, fit[half][::-1], mode="valid")
        return np.concatenate([fit[:half] @ values[:window], inner, fit[half + 1 :] @ values[-window:]])
    padded = np.pad(values, half, mode=PADS[mode])  # type: ignore[call-overload]
    return np.convolve(padded, fit[half][::-1], mode="valid")


def median(values: Numbers, kernel: int) -> Numbers:
    """The median of a sliding odd window (n,), with zeros beyond both ends; RequestError for an even kernel."""
    if kernel < 1 or kernel % 2 == 0:
        raise RequestError(f"median: kernel {kernel}; needs an odd number of samples")
    padded = np.pad(values, kernel // 2)
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, kernel), axis=1))
