"""How strongly a word goes with one group of texts: log-odds with a prior, chi-square, G2, ratio, PMI; all printed.

>>> found = associations([30, 70], [3, 97])
>>> [round(float(z), 2) for z in found.z]
[3.19, -7.46]
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, paired_numbers

STATISTICS = ("z", "log_odds", "g2", "chi2", "ratio", "pmi")
"""What expressions can be ranked by."""


@dataclass(frozen=True, slots=True)
class Associations:
    """Statistics of every word, each (words,).

    log_odds, z: with informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, eq. 16, 22); chi2, g2: of the 2 x 2
    table without correction; ratio: of smoothed shares; pmi: log2 of the share in the detected group over the share
    overall. A word without counts is NaN in all but the ratio. chi2 and g2 have no sign: see that of `log_odds`.
    """

    log_odds: Numbers
    z: Numbers
    chi2: Numbers
    g2: Numbers
    ratio: Numbers
    pmi: Numbers

    def p(self) -> Numbers:
        """Two-sided p of z under the normal distribution (words,)."""
        return np.array([math.erfc(abs(z) / math.sqrt(2)) for z in self.z])


def associations(detected: Any, rest: Any, *, prior_scale: float = 1.0, ratio_add: float = 0.5) -> Associations:
    """Statistics of words from their counts in the detected texts and in the rest.

    detected, rest: (words,) counts, 0 or more; prior_scale: the prior of a word is its count in both groups times this,
    above 0; ratio_add: added to each count of the ratio. A word's opposite is all other words' counts of its group.
    RequestError: unequal lengths, negative counts, a group without any count.
    """
    y1, y2 = paired_numbers(detected, rest, names=("detected", "rest"))
    n1, n2 = y1.sum(), y2.sum()
    if (y1 < 0).any() or (y2 < 0).any() or n1 == 0 or n2 == 0:
        raise RequestError("detected, rest: counts of 0 or more, and some in each group, are needed")
    if not prior_scale > 0 or not ratio_add > 0:
        raise RequestError(f"prior_scale {prior_scale}, ratio_add {ratio_add}: both must be above 0")
    prior = prior_scale * (y1 + y2)
    total = prior.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.log((y1 + prior) / (n1 + total - y1 - prior))
        second = np.log((y2 + prior) / (n2 + total - y2 - prior))
        log_odds = first - second
        z = log_odds / np.sqrt(1 / (y1 + prior) + 1 / (y2 + prior))
        pmi = np.log2((y1 / n1) / ((y1 + y2) / (n1 + n2)))
    size = ratio_add * len(y1)
    ratio = ((y1 + ratio_add) / (n1 + size)) / ((y2 + ratio_add) / (n2 + size))
    chi2, g2 = _two_by_two(y1, y2, n1, n2)
    unseen = y1 + y2 == 0
    log_odds, z, chi2, g2 = (np.where(unseen, np.nan, values) for values in (log_odds, z, chi2, g2))
    return Associations(log_odds, z, chi2, g2, ratio, pmi)


def benjamini_hochberg(p: Any) -> Numbers:
    """Adjusted p-values (false discovery rate; Benjamini and Hochberg 1995): p (n,) -> q (n,) in [0, 1].

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.04, 0.04]
    """
    values, _ = paired_numbers(p, p, names=("p", "p"))
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum.accumulate(values[order] * len(values) / ranks)
    return np.minimum(adjusted, 1.0)


def _two_by_two(y1: Numbers, y2: Numbers, n1: float, n2: float) -> tuple[Numbers, Numbers]:
    """Pearson's chi-square and the likelihood ratio G2 of [[y1, n1 - y1], [y2, n2 - y2]] for every word."""
    observed: NDArray[np.float64] = np.stack([y1, n1 - y1, y2, n2 - y2])
    share = (y1 + y2) / (n1 + n2)
    expected = np.stack([n1 * share, n1 * (1 - share), n2 * share, n2 * (1 - share)])
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = np.where(expected > 0, (observed - expected) ** 2 / expected, 0.0).sum(axis=0)
        g2 = 2 * np.where(observed > 0, observed * np.log(observed / expected), 0.0).sum(axis=0)
    return chi2, g2
