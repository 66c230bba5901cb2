"""What disturbance does to a model: change under a perturbation, and decline over levels of occlusion.

>>> curve = level_curve([0, 0.5, 1], [0.8, 0.6, 0.4], chance=0.2)
>>> curve.area, round(curve.relative_drop, 3), [round(kept, 3) for kept in curve.retention]
(0.6, 0.5, [1.0, 0.667, 0.333])
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_numbers, paired_numbers, same_length
from mien.metrics.metric import metric
from mien.metrics.missing import area

PAPER = "Wagner et al. 2023, TPAMI 45(9), arXiv 2203.07378"
OWN = "Mien; protocol after HEADSET, arXiv 2402.09107"


@dataclass(frozen=True, slots=True)
class LevelCurve:
    """Accuracy over levels of occlusion (0 nothing hidden, 1 all).

    area: trapezoid area over the levels; relative_drop: (first - last) / first; corrected: (accuracy - chance) /
    (1 - chance) by level; retention: `corrected` over that of the first level. NaN where a divisor is 0.
    """

    area: float
    relative_drop: float
    corrected: tuple[float, ...]
    retention: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A metric on the same items before and after a perturbation.

    clean, perturbed: its values; change: perturbed - clean; percent: of the clean value (NaN where that is 0);
    shift: mean absolute shift of the predictions; shifted: share of items shifted by more than the limit.
    """

    clean: float
    perturbed: float
    change: float
    percent: float
    shift: float
    shifted: float


def level_curve(levels: Any, accuracy: Any, *, chance: float) -> LevelCurve:
    """Summary of an occlusion curve.

    levels: (n,) ascending in [0, 1]; accuracy: (n,) in [0, 1]; chance: accuracy of guessing, in [0, 1).
    RequestError: levels that do not ascend, chance outside.
    """
    steps, values = paired_numbers(levels, accuracy, names=("levels", "accuracy"))
    if not 0 <= chance < 1:
        raise RequestError(f"chance {chance}: allowed is 0 <= chance < 1, e.g. 1 / number of classes")
    corrected = (values - chance) / (1 - chance)
    kept = [_ratio(float(value), float(corrected[0])) for value in corrected]
    drop = _ratio(float(values[0] - values[-1]), float(values[0]))
    return LevelCurve(area(steps, values, name="levels"), drop, tuple(corrected.tolist()), tuple(kept))


@metric(
    "level_area", kind="gap", better="higher",
    formula="trapezoid area of accuracy over the occlusion level in [0, 1]", reference=OWN,
)  # fmt: skip
def level_area(levels: Any, accuracy: Any) -> float:
    """Area under accuracy over the level of occlusion."""
    return area(*paired_numbers(levels, accuracy, names=("levels", "accuracy")), name="levels")


@metric(
    "relative_drop", kind="gap", better="lower", formula="(first - last) / first", reference=OWN,
)  # fmt: skip
def relative_drop(levels: Any, accuracy: Any) -> float:
    """Share of the unoccluded accuracy that is lost at the highest level."""
    return level_curve(levels, accuracy, chance=0.0).relative_drop


def change(
    truth: Any, clean: Any, perturbed: Any, *, metric: Callable[[Numbers, Numbers], float], limit: float = 0.05
) -> Change:
    """What a perturbation does to numbers predicted for the same items.

    truth, clean, perturbed: (n,); metric: f(truth, prediction), e.g. CCC; limit: shift of one prediction that counts.
    """
    expected, before = paired_numbers(truth, clean, names=("truth", "clean"))
    after = as_numbers(perturbed, name="perturbed")
    same_length(expected, after, names=("truth", "perturbed"))
    first, second = float(metric(expected, before)), float(metric(expected, after))
    shifts = np.abs(after - before)
    return Change(
        first, second, second - first, 100 * _ratio(second - first, abs(first)), mean_shift(before, after),
        float((shifts > limit).mean()),
    )  # fmt: skip


@metric(
    "mean_shift", kind="gap", better="lower", formula="mean |perturbed - clean|", reference=PAPER,
)  # fmt: skip
def mean_shift(clean: Any, perturbed: Any) -> float:
    """Mean absolute shift of the predictions under a perturbation, whatever the truth."""
    before, after = paired_numbers(clean, perturbed, names=("clean", "perturbed"))
    return float(np.abs(after - before).mean())


def _ratio(value: float, by: float) -> float:
    return value / by if by else math.nan
