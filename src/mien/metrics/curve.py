"""Affect of a film over time: from predicted classes to a smooth curve in [-1, 1], and how near it is to the viewers'.

Source: Thao, Herremans, Roig, "Multimodal Deep Models for Predicting Affective Responses Evoked by Movies", ICCVW
2019; code ivyha010/emotionprediction. Published figures filter once forward at an assumed 30 Hz; the default shifts
nothing in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers, paired_numbers
from mien.metrics.filters import butterworth, low_pass, median, savgol
from mien.metrics.regression import mae, mse, pearson


@dataclass(frozen=True, slots=True)
class Curve:
    """The steps of `affect_curve`, each (n,): after the low-pass, after smoothing, as values in [-1, 1], final."""

    filtered: Numbers
    smoothed: Numbers
    rescaled: Numbers
    final: Numbers


def affect_curve(
    classes: Numbers,
    *,
    rate: float = 25.0,
    cutoff: float = 3.667,
    order: int = 6,
    window: int = 601,
    degree: int = 0,
    mode: str = "interp",
    kernel: int = 3,
    causal: bool = False,
    levels: int = 7,
) -> Curve:
    """Predicted classes 0..levels-1 (n,) as a curve of values in about [-1, 1].

    rate: frames a second; cutoff in Hz and order of the Butterworth low-pass; window, degree and mode of the smoothing;
    kernel of the median filter (zeros beyond the ends); causal: one forward pass from rest, as published.
    RequestError: options that do not fit the length (see `filters`).
    """
    filtered = low_pass(classes, butterworth(order, cutoff, rate), causal=causal)
    smoothed = savgol(filtered, window, degree, mode=mode)
    middle = (levels - 1) / 2
    rescaled = (smoothed - middle) / middle
    return Curve(filtered, smoothed, rescaled, median(rescaled, kernel))


def curve_scores(truth: Any, prediction: Any, *, kernel: int = 3) -> dict[str, float]:
    """mae, mse and pearson of a final curve (n,) against the viewers' (n,), which is median filtered first too."""
    viewers, curve = paired_numbers(truth, prediction)
    viewers = median(viewers, kernel)
    return {"mae": mae(viewers, curve), "mse": mse(viewers, curve), "pearson": pearson(viewers, curve)}


def value_class(values: Any, *, levels: int = 7) -> Numbers:
    """The class 0..levels-1 of values in [-1, 1], round((levels-1)/2 (v + 1)): the inverse of the curve's scale."""
    middle = (levels - 1) / 2
    return np.clip(np.round(middle * np.asarray(values, dtype=np.float64) + middle), 0, levels - 1)
