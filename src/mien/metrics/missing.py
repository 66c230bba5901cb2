"""One number for a curve over missing data: AUILC."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, paired_numbers
from mien.metrics.metric import metric


@metric(
    "auilc", kind="gap", better="higher",
    formula="sum over steps of (value_i + value_i+1) / 2 * (rate_i+1 - rate_i)",
    reference="CIDer, arXiv 2506.10452; after TFR-Net (Yuan et al. 2021)",
)  # fmt: skip
def auilc(rates: Any, values: Any) -> float:
    """Area under the curve of a metric over the missing rate, by the trapezoid rule.

    rates: (n,) ascending in [0, 1], n >= 2, also uneven; values: (n,) the metric at each rate. Not divided by the
    range, as published: over rates 0 to 1 a constant curve has its own value. RequestError: rates that do not ascend.

    >>> round(auilc([0.0, 0.25, 1.0], [0.8, 0.5, 0.1]), 4)
    0.3875
    """
    return area(*paired_numbers(rates, values, names=("rates", "values")), name="rates")


def area(steps: Numbers, values: Numbers, *, name: str) -> float:
    """Trapezoid area over `steps`, which must ascend within [0, 1]; RequestError otherwise."""
    if len(steps) < 2 or (np.diff(steps) <= 0).any() or steps[0] < 0 or steps[-1] > 1:
        raise RequestError(f"{name} {steps.tolist()}: at least two are needed, ascending within 0 and 1")
    return float((np.diff(steps) * (values[1:] + values[:-1]) / 2).sum())
