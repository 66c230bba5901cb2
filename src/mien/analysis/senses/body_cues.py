"""Plain measured facts of body signals, against the recording's own middle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.analysis.moments.span import Span
from mien.analysis.senses.body import RATE, Body
from mien.analysis.senses.body_features import MOVING, WINDOW
from mien.analysis.senses.evidence import Cue

LEAST = 20.0
"""Seconds of a channel, below which no fact of it is told."""
_HEARD = {"heart_rate": "", "ibi": " (from the intervals between beats)", "bvp": " (from the pulse wave)"}


class BodyCues:
    """Facts about spans of one recording; shorter spans than a minute are told from the minute around them."""

    def __init__(self, found: Body) -> None:
        self.body = found
        self._heart = _median(found.heart)
        self._rate = float(np.nanmean(found.peaks)) * RATE * 60 if np.isfinite(found.peaks).any() else np.nan

    def of(self, span: Span) -> tuple[Cue, ...]:
        """Skin conductance responses a minute, heart rate, slope of skin temperature, movement; each where recorded."""
        middle, half = (span.start + span.end) / 2, max(span.duration, WINDOW) / 2
        first = round((middle - half - self.body.start) * RATE)
        piece = slice(max(first, 0), max(first + int(2 * half * RATE), 0))
        found = (self._responses(piece), self._heart_rate(piece), self._warmth(piece), self._movement(piece))
        return tuple(cue for cue in found if cue is not None)

    def _responses(self, piece: slice) -> Cue | None:
        peaks = _there(self.body.peaks[piece])
        if peaks is None:
            return None
        value = float(peaks.mean()) * RATE * 60
        text = f"{value:.1f} skin conductance responses a minute ({self._rate:.1f} over the whole recording)"
        return Cue("skin conductance responses", round(value, 2), "per minute", text)

    def _heart_rate(self, piece: slice) -> Cue | None:
        beats = _there(self.body.heart[piece])
        if beats is None:
            return None
        value = float(beats.mean()) - self._heart
        way = "above" if value >= 0 else "below"
        text = f"heart rate {abs(value):.0f} beats a minute {way} this recording's median of {self._heart:.0f}"
        return Cue("heart rate", round(value, 2), "bpm against own median", text + _HEARD.get(self.body.heart_from, ""))

    def _warmth(self, piece: slice) -> Cue | None:
        warmth = self.body.temperature[piece]
        if _there(warmth) is None:
            return None
        minutes = np.arange(len(warmth)) / RATE / 60
        good = np.isfinite(warmth)
        value = float(np.polyfit(minutes[good], warmth[good], 1)[0])
        way = (
            "steady" if abs(value) < 0.02 else f"{'rising' if value > 0 else 'falling'} by {abs(value):.2f} °C a minute"
        )
        return Cue("skin temperature", round(value, 3), "°C per minute", f"skin temperature {way}")

    def _movement(self, piece: slice) -> Cue | None:
        change = _there(self.body.movement[piece])
        if change is None:
            return None
        value = float((change >= MOVING).mean())
        return Cue("movement", round(value, 3), "share of time", f"wrist moving {value:.0%} of the time")


def _there(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    good = values[np.isfinite(values)]
    return good if len(good) >= LEAST * RATE else None


def _median(values: NDArray[np.float64]) -> float:
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")
