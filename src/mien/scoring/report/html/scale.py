"""Number lines: where a value, its interval and its floors lie on a strip, in percent of its width."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Scale:
    """A number line from low to high."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Place of a value in percent of the line, within [0, 100]."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    @property
    def ends(self) -> tuple[str, str]:
        """What stands at the two ends."""
        return f"{self.low:g}", f"{self.high:g}"


def scale(values: Iterable[float | None]) -> Scale:
    """The line that holds all values: 0 to 1 for shares, from -1 where a value is negative, else to a round number."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    top, bottom = max(known, default=1.0), min(known, default=0.0)
    high = 1.0 if top <= 1 and (bottom < 0 or top > 0.1) else _round_up(top) if top > 0 else 1.0
    low = 0.0 if bottom >= 0 else -1.0 if bottom >= -1 else -_round_up(-bottom)
    return Scale(low, high)


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, ... at or above the value."""
    power = 10 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-12)))


def wilson(right: float, total: float) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score (1927); (0, 1) without items."""
    if total <= 0:
        return 0.0, 1.0
    z = 1.959963984540054
    share, square = right / total, z * z / total
    middle = (share + square / 2) / (1 + square)
    half = z * float(np.sqrt(share * (1 - share) / total + square / (4 * total))) / (1 + square)
    return max(middle - half, 0.0), min(middle + half, 1.0)
