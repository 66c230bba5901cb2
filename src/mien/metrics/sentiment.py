"""Sentiment on a scale: the field's many "Acc-2", "Acc-7" and F1, each under its own id.

One prediction file gives numbers several points apart under these conventions, and tables mix them. MOSI and MOSEI
values run from -3 to 3, SIMS from -1 to 1. Sources: thuiar/MMSA metricsTop.py; MulT and MISA evaluation code.

| id part | items | classes |
| --- | --- | --- |
| has0 | all | v < 0, v >= 0 (negative against the rest) |
| non0 | truth not 0 | v <= 0, v > 0; a prediction of exactly 0 counts as negative |
| strict | all | v <= 0, v > 0: zeros become negatives (older tables) |
| 3, 5, 7 | all | clipped at 1, 2, 3 and rounded; half to even, or away from zero (`_half_away`) |
| sims | all | cuts at 0; at +-0.1; at +-0.1 and +-0.7; a value on a cut belongs to the lower class |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_numbers, paired_numbers
from mien.metrics.confusion import Measure, cell_sums, class_mean, f1s, hits, recalls, weighted_mean
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, ratio

Rounding = Literal["half_even", "half_away"]
Codes = NDArray[np.int64]


def round_values(values: Numbers, rounding: Rounding = "half_even") -> Numbers:
    """Values rounded to whole numbers: halves to the even neighbour (NumPy), or away from zero.

    >>> round_values(np.array([-0.5, 0.5, 1.5])).tolist()
    [-0.0, 0.0, 2.0]
    >>> round_values(np.array([-0.5, 0.5, 1.5]), "half_away").tolist()
    [-1.0, 1.0, 2.0]
    """
    if rounding == "half_even":
        return np.asarray(np.round(values))
    if rounding == "half_away":
        size = np.abs(values)
        return np.asarray(np.copysign(np.floor(size) + (size - np.floor(size) >= 0.5), values))
    raise RequestError(f"rounding: {rounding!r}; allowed: half_even, half_away")


def sentiment_classes(values: Any, limit: int, *, rounding: Rounding = "half_even") -> Codes:
    """Whole-number classes -limit..limit of values (n,): clipped first, then rounded."""
    return round_values(np.clip(as_numbers(values), -limit, limit), rounding).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How values become classes: `cut` gives codes from 0; `names` of the classes; `drop_zero`: leave truth 0 out."""

    names: tuple[str, ...]
    cut: Callable[[Numbers], Codes]
    rule: str
    drop_zero: bool = False


def _cuts(edges: Iterable[float]) -> Callable[[Numbers], Codes]:
    fixed = np.array(list(edges))
    return lambda values: np.searchsorted(fixed, values, side="left")


def _rounded(limit: int, rounding: Rounding) -> Scheme:
    how = "half to even" if rounding == "half_even" else "half away from zero"
    return Scheme(
        tuple(str(value) for value in range(-limit, limit + 1)),
        lambda values: sentiment_classes(values, limit, rounding=rounding) + limit,
        f"round(clip(v, -{limit}, {limit})), {how}",
    )


POSITIVE = ("negative", "positive")
SCHEMES = {
    "2_has0": Scheme(("negative", "non-negative"), lambda values: (values >= 0).astype(np.int64), "v >= 0"),
    "2_non0": Scheme(POSITIVE, lambda values: (values > 0).astype(np.int64), "v > 0, truth != 0", True),
    "2_strict": Scheme(POSITIVE, lambda values: (values > 0).astype(np.int64), "v > 0"),
    **{str(2 * limit + 1): _rounded(limit, "half_even") for limit in (1, 2, 3)},
    **{f"{2 * limit + 1}_half_away": _rounded(limit, "half_away") for limit in (1, 2, 3)},
    "2_sims": Scheme(POSITIVE, _cuts([0]), "v > 0"),
    "3_sims": Scheme(("negative", "neutral", "positive"), _cuts([-0.1, 0.1]), "cuts at -0.1, 0.1"),
    "5_sims": Scheme(tuple("12345"), _cuts([-0.7, -0.1, 0.1, 0.7]), "cuts at -0.7, -0.1, 0.1, 0.7"),
}


def _accuracy(counts: Numbers) -> Numbers:
    return ratio(hits(counts).sum(axis=-1), counts.sum(axis=(-2, -1)))


def _weighted(counts: Numbers) -> Numbers:
    return weighted_mean(f1s(counts), counts)


def scheme_sums(truth: Any, prediction: Any, scheme: Scheme, value: Measure, parts: Measure) -> Sums:
    """A metric of the classes that `scheme` makes of both sides (n,)."""
    first, second = paired_numbers(truth, prediction)
    k = len(scheme.names)
    keep = first != 0 if scheme.drop_zero else None
    return cell_sums(scheme.cut(first) * k + scheme.cut(second), (k, k), value, parts, names=scheme.names, keep=keep)


def _enter(id: str, scheme: Scheme, what: str, value: Measure, parts: Measure, formula: str) -> None:
    """One id: a function of (truth, prediction) values (n,) with its fast sums."""

    def sums(truth: Any, prediction: Any) -> Sums:
        return scheme_sums(truth, prediction, scheme, value, parts)

    def compute(truth: Any, prediction: Any) -> float:
        return sums(truth, prediction).whole()

    items = "items whose truth is not 0" if scheme.drop_zero else "all items"
    compute.__doc__ = f"{what} of {', '.join(scheme.names)} on {items}."
    missing = "every truth is exactly 0" if scheme.drop_zero else ""
    reference = "MMSA metricsTop.py; " + ("CH-SIMS (Yu et al. 2020)" if "sims" in id else "Zadeh et al. 2016, 2018")
    better: Literal["higher"] = "higher"
    metric(id, kind="regression", better=better, formula=formula, reference=reference, undefined=missing, sums=sums)(
        compute
    )


def _enter_all() -> None:
    for name, scheme in SCHEMES.items():
        _enter(f"acc{name}", scheme, "Accuracy", _accuracy, recalls, f"share of equal classes: {scheme.rule}")
        _enter(
            f"f1_{name}", scheme, "Support-weighted F1", _weighted, f1s, f"weighted F1 of the classes: {scheme.rule}"
        )
    non0 = SCHEMES["2_non0"]
    _enter(
        "f1_2_non0_macro",
        non0,
        "Macro F1",
        lambda counts: class_mean(f1s(counts), "skip"),
        f1s,
        "mean F1 of both classes",
    )
    _enter("f1_2_non0_binary", non0, "F1 of the positive class", _positive_f1, f1s, "F1 of v > 0, truth != 0")


def _positive_f1(counts: Numbers) -> Numbers:
    return np.asarray(f1s(counts)[..., 1])


_enter_all()
