"""Numbers against numbers: errors, correlations, concordance, explained variance.

All values pool the items given: the mean of CCC or correlation over clips or batches is another number. A correlation
with a constant side is NaN, never 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mien.metrics.arrays import Numbers, paired_numbers
from mien.metrics.metric import metric
from mien.metrics.moments import Moments, moment_sums
from mien.metrics.sums import Sums, mean_of, ratio
from mien.metrics.weighted import Levels, rank_correlation, weighted

TOO_FEW = "fewer than two items"


def _mae(truth: Any, prediction: Any) -> Sums:
    first, second = paired_numbers(truth, prediction)
    return mean_of(np.abs(first - second))


@metric("mae", kind="regression", better="lower", formula="mean |t - p|", reference="Willmott 2005", sums=_mae)
def mae(truth: Any, prediction: Any) -> float:
    """Mean absolute error, in the unit of the values; nothing is clipped.

    truth, prediction: (n,) numbers.

    >>> mae([0, 1], [0, 3])
    1.0
    """
    return _mae(truth, prediction).whole()


def _mse(truth: Any, prediction: Any) -> Sums:
    first, second = paired_numbers(truth, prediction)
    return mean_of((first - second) ** 2)


@metric("mse", kind="regression", better="lower", formula="mean (t - p)^2", reference="Gauss 1821", sums=_mse)
def mse(truth: Any, prediction: Any) -> float:
    """Mean squared error, in the squared unit of the values.

    truth, prediction: (n,) numbers.
    """
    return _mse(truth, prediction).whole()


def _rmse(truth: Any, prediction: Any) -> Sums:
    return _moments(truth, prediction, lambda m: np.sqrt(m.squared_error))


@metric("rmse", kind="regression", better="lower", formula="sqrt(mean (t - p)^2)", reference="Gauss 1821", sums=_rmse)
def rmse(truth: Any, prediction: Any) -> float:
    """Root of the mean squared error, in the unit of the values.

    truth, prediction: (n,) numbers.
    """
    return _rmse(truth, prediction).whole()


def _bias(truth: Any, prediction: Any) -> Sums:
    first, second = paired_numbers(truth, prediction)
    return mean_of(second - first)


@metric("bias", kind="regression", better="zero", formula="mean (p - t)", reference="Bland and Altman 1986", sums=_bias)
def bias(truth: Any, prediction: Any) -> float:
    """Mean signed error: positive where predictions lie too high.

    truth, prediction: (n,) numbers.
    """
    return _bias(truth, prediction).whole()


def _r2(truth: Any, prediction: Any) -> Sums:
    return _moments(truth, prediction, lambda m: 1 - ratio(m.squared_error, m.truth_variance))


@metric(
    "r2",
    kind="regression",
    better="higher",
    formula="1 - sum (t - p)^2 / sum (t - mean t)^2",
    reference="coefficient of determination; scikit-learn r2_score(force_finite=False)",
    undefined="the truth is constant",
    sums=_r2,
)
def r2(truth: Any, prediction: Any) -> float:
    """Share of the truth's variance that is explained; depends on this set's mean, so sets do not compare.

    truth, prediction: (n,) numbers. At most 1, unbounded below; NaN for a constant truth.
    """
    return _r2(truth, prediction).whole()


def _pearson(truth: Any, prediction: Any) -> Sums:
    return _moments(truth, prediction, _correlation)


@metric(
    "pearson",
    kind="regression",
    better="higher",
    formula="cov(t, p) / sqrt(var t var p)",
    reference="Pearson 1895 (PCC, Corr)",
    undefined="truth or prediction is constant",
    sums=_pearson,
)
def pearson(truth: Any, prediction: Any) -> float:
    """Linear correlation (PCC, Corr).

    truth, prediction: (n,) numbers. In [-1, 1]; NaN where either side is constant.
    """
    return _pearson(truth, prediction).whole()


def _spearman(truth: Any, prediction: Any) -> Sums:
    first, second = map(Levels.of, paired_numbers(truth, prediction))
    return weighted(len(first.level), lambda weights: rank_correlation(first, second, weights))


@metric(
    "spearman",
    kind="regression",
    better="higher",
    formula="Pearson of the ranks, tied values share their mean rank",
    reference="Spearman 1904; average ranks as in scipy.stats.spearmanr",
    undefined="truth or prediction is constant",
    sums=_spearman,
)
def spearman(truth: Any, prediction: Any) -> float:
    """Correlation of ranks; ties share the mean of their ranks.

    truth, prediction: (n,) numbers. In [-1, 1]; NaN where either side is constant.
    """
    return _spearman(truth, prediction).whole()


def _ccc(truth: Any, prediction: Any) -> Sums:
    return _moments(truth, prediction, lambda m: _concordance(m, 0))


@metric(
    "ccc",
    kind="regression",
    better="higher",
    formula="2 cov / (var t + var p + (mean t - mean p)^2), moments with n (population)",
    reference="Lin 1989; audmetric concordance_cc",
    undefined=f"{TOO_FEW}, or both sides are one and the same constant",
    sums=_ccc,
)
def ccc(truth: Any, prediction: Any) -> float:
    """Concordance with population moments (divided by n), pooled over the set.

    truth, prediction: (n,) numbers. In [-1, 1]; 0 where one side is constant, NaN for fewer than two items and where
    both are the same constant.

    >>> round(ccc([0.1, 0.4, 0.9], [0.9, 0.6, 0.1]), 3)
    -0.98
    """
    return _ccc(truth, prediction).whole()


def _ccc_sample(truth: Any, prediction: Any) -> Sums:
    return _moments(truth, prediction, lambda m: _concordance(m, 1))


@metric(
    "ccc_sample",
    kind="regression",
    better="higher",
    formula="2 cov / (var t + var p + (mean t - mean p)^2), moments with n - 1 (sample)",
    reference="Lin 1989 with unbiased moments",
    undefined=f"{TOO_FEW}, or both sides are one and the same constant",
    sums=_ccc_sample,
)
def ccc_sample(truth: Any, prediction: Any) -> float:
    """Concordance with sample moments (divided by n - 1): the gap of the means weighs a little less than in `ccc`.

    truth, prediction: (n,) numbers. In [-1, 1]; undefined where `ccc` is.
    """
    return _ccc_sample(truth, prediction).whole()


def _ccc_mixed(truth: Any, prediction: Any) -> Sums:
    def value(m: Moments) -> Numbers:
        bessel = ratio(m.count, m.count - 1)
        spread = (m.truth_variance + m.prediction_variance) * bessel + m.gap**2
        return ratio(2 * m.covariance, spread)

    return _moments(truth, prediction, value)


@metric(
    "ccc_mixed",
    kind="regression",
    better="higher",
    formula="2 cov_n / (var_{n-1} t + var_{n-1} p + (mean t - mean p)^2)",
    reference="sbelharbi/feature-vs-text-compound-emotion base/loss_function.py; for comparison only",
    undefined=f"{TOO_FEW}, or both sides are one and the same constant",
    sums=_ccc_mixed,
)
def ccc_mixed(truth: Any, prediction: Any) -> float:
    """Concordance of a code base that divides the covariance by n and the variances by n - 1: at most (n - 1) / n.

    truth, prediction: (n,) numbers. Reproduces published losses; a perfect prediction does not reach 1.
    """
    return _ccc_mixed(truth, prediction).whole()


def _concordance(m: Moments, ddof: int) -> Numbers:
    scale = ratio(m.count, m.count - ddof)
    spread = (m.truth_variance + m.prediction_variance) * scale + m.gap**2
    return np.where(m.count < 2, np.nan, ratio(2 * m.covariance * scale, spread))


def _correlation(m: Moments) -> Numbers:
    return np.clip(ratio(m.covariance, np.sqrt(m.truth_variance) * np.sqrt(m.prediction_variance)), -1, 1)


def _moments(truth: Any, prediction: Any, value: Callable[[Moments], Numbers]) -> Sums:
    return moment_sums(*paired_numbers(truth, prediction), value)
