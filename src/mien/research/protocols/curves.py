"""What missing data cost a model: its metrics over the missing rate, and over the modalities that are left.

AUILC is the area under such a curve, after TFR-Net and CIDer (arXiv 2506.10452): `mien.metrics.missing.auilc`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from mien.errors import RequestError
from mien.metrics.missing import auilc
from mien.research.protocols.missing import SHADOWS, Missing, Mode, only, remove, steps_seen
from mien.research.samples import Sample, in_order

RATES = tuple(round(0.1 * step, 1) for step in range(11))
Scorer = Callable[[Sequence[Sample]], Mapping[str, float]]
"""Metrics by name of a model's answers on these samples; the truth in them is for the metrics alone."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A model's metrics over the missing rate.

    rates: ascending; values: metric -> one value a rate; seen: modality -> share of steps the model saw at each rate;
    seed, n: of the draws, of samples. `auilc` is the area under each metric, by the trapezoid rule over the rate.
    """

    mode: Mode
    rates: tuple[float, ...]
    values: Mapping[str, tuple[float, ...]]
    seen: Mapping[str, tuple[float, ...]]
    seed: int
    n: int

    @property
    def auilc(self) -> dict[str, float]:
        """Metric -> area under its curve."""
        return {name: auilc(self.rates, values) for name, values in self.values.items()}

    def describe(self) -> str:
        """The protocol, its rates, its seed and what the model saw, in one line."""
        rates = ", ".join(f"{rate:g}" for rate in self.rates)
        saw = "; ".join(f"{name} {', '.join(f'{share:.2f}' for share in row)}" for name, row in self.seen.items())
        return f"{self.mode}, rates {rates}, seed {self.seed}, {self.n} samples; share of steps seen: {saw}"


def sweep(
    scorer: Scorer, samples: Sequence[Sample], mode: Mode, *, rates: Sequence[float] = RATES, seed: int = 1111,
    ends: tuple[str, ...] = (),
) -> Curve:  # fmt: skip
    """A model's curve: every metric of `scorer` at each rate, the same seed at all of them.

    mode: any but smm, which has no rate (see `subsets`). RequestError: smm, or rates that do not ascend within 0 and 1.
    """
    if mode == "smm":
        raise RequestError("smm has no rate to sweep; subsets() takes every set of modalities")
    if len(rates) < 2 or list(rates) != sorted(set(rates)):
        raise RequestError(f"rates {list(rates)}: at least two are needed, ascending within 0 and 1")
    rows, shares = [], []
    for rate in rates:
        left = remove(samples, Missing(mode, rate, ends=ends, seed=seed))
        rows.append({name: float(value) for name, value in scorer(left).items()})
        shares.append(_shares(samples, left))
    values = {name: tuple(row[name] for row in rows) for name in rows[0]}
    seen = {name: tuple(share[name] for share in shares) for name in shares[0]}
    return Curve(mode, tuple(map(float, rates)), values, seen, seed, len(samples))


def subsets(scorer: Scorer, samples: Sequence[Sample]) -> dict[tuple[str, ...], dict[str, float]]:
    """smm: every metric for each non-empty set of modalities left available, single ones first."""
    names = in_order({name for sample in samples for name in sample.features} - SHADOWS.keys())
    sets = [chosen for size in range(1, len(names) + 1) for chosen in combinations(names, size)]
    return {chosen: {n: float(v) for n, v in scorer(only(samples, chosen)).items()} for chosen in sets}


def _shares(before: Sequence[Sample], after: Sequence[Sample]) -> dict[str, float]:
    """Modality -> share of the steps that were there before."""
    had: dict[str, int] = {}
    has: dict[str, int] = {}
    for one, other in zip(before, after, strict=True):
        for name in in_order(one.features):
            had[name] = had.get(name, 0) + int(steps_seen(one, name).sum())
            has[name] = has.get(name, 0) + (int(steps_seen(other, name).sum()) if name in other.features else 0)
    return {name: has[name] / max(had[name], 1) for name in in_order(had)}
