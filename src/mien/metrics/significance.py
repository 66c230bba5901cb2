"""Whether two systems differ on the same items: approximate randomisation, paired bootstrap, McNemar's test.

Items of one speaker or dialogue are exchanged or drawn together where groups are given. Sources: Noreen 1989 and Yeh
2000 (approximate randomisation); Efron and Tibshirani 1993, ch. 16, and Berg-Kirkpatrick et al. 2012 (paired
bootstrap); McNemar 1947, exact form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, paired, same_length
from mien.metrics.bootstrap import (
    Rng,
    checked,
    group_codes,
    interval,
    takeable,
)
from mien.metrics.metric import METRICS
from mien.metrics.pairs import ItemPair, SumsPair, joined

Method = Literal["randomisation", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems on the same items.

    metric: id; first, second: their values; difference: second - first; interval: of the difference by paired bootstrap
    (None where no round has a value); p: two-sided; method: how p was found; n: items; note: what a reader must know.
    """

    metric: str
    first: float
    second: float
    difference: float
    interval: tuple[float, float] | None
    p: float
    method: str
    n: int
    note: str = ""

    def __str__(self) -> str:
        span = f" [{self.interval[0]:+.3f}, {self.interval[1]:+.3f}]" if self.interval else ""
        return f"{self.metric} {self.difference:+.3f}{span} p={self.p:.3g} ({self.method}, n={self.n})"


def compare(
    metric_id: str,
    truth: Any,
    first: Any,
    second: Any,
    *,
    groups: Any = None,
    rounds: int = 1000,
    rng: Rng = 0,
    method: Method = "randomisation",
    level: float = 0.95,
    **options: Any,
) -> Comparison:
    """How two predictions for the same truth differ in a metric, with interval and two-sided p.

    truth, first, second: what the metric takes, item by item; groups: (n,) speakers or dialogues; options: those of the
    metric. method "randomisation": share of random exchanges between the systems that differ at least as much;
    "bootstrap": share of paired resamples whose difference departs from the observed one by at least its size. Both
    count the observed one, so p >= 1 / (rounds + 1); rounds without a value are left out. p is NaN where a value is
    undefined. RequestError: lengths that differ, unknown metric or method, fewer than two groups, rounds < 1.

    >>> compare("accuracy", [0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 1]).p
    1.0
    """
    if method not in ("randomisation", "bootstrap"):
        raise RequestError(f"method: {method!r}; allowed: randomisation, bootstrap")
    entry = METRICS[metric_id]
    gold, one, two = takeable(truth), takeable(first), takeable(second)
    same_length(gold, one, two, names=("truth", "first", "second"))
    clusters = group_codes(groups, len(gold))
    generator = checked(rounds, rng)
    pair: SumsPair | ItemPair | None = None
    if entry.sums is not None:
        pair = SumsPair.of(entry.sums(joined(gold, gold), joined(one, two), **options), clusters)
    if pair is None:
        pair = ItemPair(entry, gold, one, two, clusters, options)
    values = pair.values()
    difference = values[1] - values[0]
    drawn = pair.resampled(rounds, generator)
    if np.isnan(difference):
        p = math.nan
    elif method == "randomisation":
        p = _share(np.abs(pair.exchanged(rounds, generator)), abs(difference))
    else:
        p = _share(np.abs(drawn - difference), abs(difference))
    note = f"undefined: {entry.undefined or 'the items do not allow it'}" if np.isnan(difference) else ""
    span = None if np.isnan(difference) else interval(drawn, level=level)
    return Comparison(metric_id, *values, difference, span, p, method, len(gold), note)


def mcnemar(truth: Any, first: Any, second: Any) -> Comparison:
    """McNemar's exact test of two systems' accuracies: only items that one of them alone has right say anything.

    truth, first, second: (n,) labels. p: two-sided binomial over those items, 1 where there are none; no interval.

    >>> mcnemar([1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 1, 1]).p
    0.625
    """
    gold, one = paired(truth, first, names=("truth", "first"))
    other, two = paired(truth, second, names=("truth", "second"))
    right, better = one == gold, two == other
    only_first, only_second = int((right & ~better).sum()), int((better & ~right).sum())
    p = _binomial(min(only_first, only_second), only_first + only_second)
    values = float(right.mean()), float(better.mean())
    note = f"{only_first} items only the first has right, {only_second} only the second"
    return Comparison("accuracy", *values, values[1] - values[0], None, p, "McNemar, exact", len(gold), note)


def holm(values: Any) -> Numbers:
    """p values (m,) of m comparisons made together, raised so that a bound on any false finding holds (Holm 1979)."""
    given = np.asarray(values, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    raised = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    out = np.empty_like(given)
    out[order] = np.minimum(raised, 1)
    return out


def _binomial(few: int, number: int) -> float:
    """Two-sided p of at most `few` of `number` fair coins; beyond 500 by logarithms, which keeps the digits."""
    if number <= 500:
        tail = sum(math.comb(number, i) for i in range(few + 1)) / float(2**number)
    else:
        whole = math.lgamma(number + 1) - number * math.log(2)
        tail = math.fsum(math.exp(whole - math.lgamma(i + 1) - math.lgamma(number - i + 1)) for i in range(few + 1))
    return min(1.0, 2 * tail)


def _share(found: Numbers, bound: float) -> float:
    """Share of rounds at least as large as the observed value, which counts as one; rounding is no difference."""
    found = found[~np.isnan(found)]
    return float((1 + (found >= bound * (1 - 1e-9) - 1e-15).sum()) / (1 + len(found)))
