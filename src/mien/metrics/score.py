"""A score: one metric's value on some items, with its interval and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's value.

    metric: id in `METRICS`; value: NaN where the metric is not defined on these items (`note` then says why);
    interval: (low, high) of the bootstrap or None; n: number of items; per_class: label -> value where the metric has
    parts; note: what a reader must know (which convention, what was left out).
    """

    metric: str
    value: float
    interval: tuple[float, float] | None = None
    n: int = 0
    per_class: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        span = f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]" if self.interval else ""
        return f"{self.metric} {self.value:.3f}{span} (n={self.n})"
