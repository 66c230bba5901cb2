"""A score: one metric's value on some items, with its interval and its parts; and the one call that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers
from mien.metrics.bootstrap import Rng, bootstrap_values, group_codes, interval, resampled, takeable
from mien.metrics.metric import METRICS, Metric
from mien.metrics.sums import Sums


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's value.

    metric: id in `METRICS`; value: NaN where the metric is not defined on these items (`note` then says why);
    interval: (low, high) of the bootstrap or None; n: number of items; per_class: label -> value where the metric has
    parts; note: what a reader must know (which convention, what was left out); per_class_interval: as `interval`, for
    the parts that have one.
    """

    metric: str
    value: float
    interval: tuple[float, float] | None = None
    n: int = 0
    per_class: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    per_class_interval: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __str__(self) -> str:
        span = f" [{self.interval[0]:.3f}, {self.interval[1]:.3f}]" if self.interval else ""
        return f"{self.metric} {self.value:.3f}{span} (n={self.n})"


def evaluate(
    metric_id: str,
    truth: Any,
    prediction: Any,
    *,
    groups: Any = None,
    rounds: int = 1000,
    rng: Rng = 0,
    level: float = 0.95,
    **options: Any,
) -> Score:
    """The metric on these items, with its bootstrap interval and, where it has parts, theirs.

    truth, prediction: what the metric takes (lists, NumPy, pandas, polars, torch); groups: (n,) speakers or dialogues,
    drawn whole; rounds: 0 for no interval; rng: seed or generator; level: of the interval; options: those of the
    metric. A NaN value carries its reason in `note`. RequestError: unknown metric, arrays it cannot take.

    >>> score = evaluate("uar", ["joy", "fear", "joy"], ["joy", "fear", "fear"], rounds=0)
    >>> score.value, dict(score.per_class)
    (0.75, {'fear': 1.0, 'joy': 0.5})
    """
    entry = METRICS[metric_id]
    if entry.sums is not None:
        return _from_sums(entry, entry.sums(truth, prediction, **options), groups, rounds, rng, level)
    first, second = takeable(truth), takeable(prediction)
    value = float(entry.compute(first, second, **options))
    drawn = (
        bootstrap_values(metric_id, first, second, groups=groups, rounds=rounds, rng=rng, **options) if rounds else None
    )
    return _score(entry, value, len(first), drawn, level)


def _from_sums(entry: Metric, sums: Sums, groups: Any, rounds: int, rng: Rng, level: float) -> Score:
    per_class = dict(zip(sums.names, sums.whole_parts().tolist(), strict=True))
    value = sums.whole()
    if not rounds or np.isinf(value):
        return _score(entry, value, sums.count, None, level, per_class, left_out=sums.left_out)
    values, parts = [], []
    for totals in resampled(sums, group_codes(groups, sums.count), rounds, rng):
        values.append(sums.value(totals))
        if sums.parts is not None:
            parts.append(sums.parts(totals))
    spans: dict[str, tuple[float, float]] = {}
    if parts:
        for name, column in zip(sums.names, np.concatenate(parts).T, strict=True):
            if (span := interval(column, level=level)) is not None:
                spans[name] = span
    return _score(entry, value, sums.count, np.concatenate(values), level, per_class, spans, sums.left_out)


def _score(
    entry: Metric,
    value: float,
    items: int,
    drawn: Numbers | None,
    level: float,
    per_class: dict[str, float] | None = None,
    spans: dict[str, tuple[float, float]] | None = None,
    left_out: int = 0,
) -> Score:
    notes = []
    if np.isnan(value):
        notes.append(f"undefined: {entry.undefined or 'the items do not allow it'}")
    if left_out:
        notes.append(f"{left_out} of {items} items left out by this convention")
    if np.isinf(value):
        notes.append("infinite: a value that the truth holds was given probability 0")
    missing = 0 if drawn is None else int(np.isnan(drawn).sum())
    if missing and drawn is not None and missing < len(drawn):
        notes.append(f"{missing} of {len(drawn)} bootstrap rounds had no value and are left out")
    span = None if drawn is None or not np.isfinite(value) else interval(drawn, level=level)
    return Score(entry.id, value, span, items - left_out, per_class or {}, "; ".join(notes), spans or {})
