"""Every agreement statistic that some votes allow, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mien.raters.agreement import Agreement, measured
from mien.raters.alpha import alpha_per_label, krippendorff_alpha
from mien.raters.arrays import Floats
from mien.raters.bootstrap import ratio
from mien.raters.kappa import fleiss_kappa, randolph_kappa
from mien.raters.reliability import icc
from mien.raters.targets import choosers_of, voters_of
from mien.raters.votes import Votes


def agreement(votes: Votes, *, values: Mapping[str, float] | None = None, **options: Any) -> dict[str, Agreement]:
    """Agreement by statistic id.

    One label a vote: "fleiss_kappa", "randolph_kappa", "alpha_nominal"; several labels a vote: "alpha_masi",
    "alpha_jaccard", "alpha_nominal:LABEL" for each class. Always "best_answer". values: label -> number for labels
    that are levels; adds "alpha_ordinal", "alpha_interval" and, where it is known who voted, the six of `icc`.
    options: rounds=1000 (0 = no intervals), rng=0, groups=None (one per item), level=0.95.

    >>> votes = Votes.of([["joy", "joy"], ["fear", "fear"], ["joy", "fear"]])
    >>> print(agreement(votes, rounds=0)["fleiss_kappa"])
    fleiss_kappa 0.333 (items=3)
    """
    if several_labels(votes):
        found = [krippendorff_alpha(votes, scale, **options) for scale in ("masi", "jaccard")]
        found += alpha_per_label(votes, **options).values()
    else:
        found = [fleiss_kappa(votes, **options), randolph_kappa(votes, **options), krippendorff_alpha(votes, **options)]
        if values is not None:
            found += [krippendorff_alpha(votes, scale, values=values, **options) for scale in ("ordinal", "interval")]
            found += _icc(votes, values, options)
    return {one.statistic: one for one in [*found, best_answer(votes, **options)]}


def several_labels(votes: Votes) -> bool:
    """Whether some rater chose several labels for one item."""
    return bool(votes.raters) and int(voters_of(votes).sum()) < int(choosers_of(votes).sum())


def _icc(votes: Votes, values: Mapping[str, float], options: dict[str, Any]) -> list[Agreement]:
    if len(votes.raters) < 2:
        return []
    numbers = np.array([*(values[label] for label in votes.labels), np.nan])
    return list(icc(numbers[votes.matrix()], **options).values())


def best_answer(votes: Votes, **options: Any) -> Agreement:
    """The share of votes that the best single label of each item reaches: no model that gives one label gets further.

    Mean over the items with a vote of the top class's share of all its selections (outside answers count as misses).
    options as `agreement`.
    """
    counts = votes.all_counts
    top, total = counts[:, : len(votes.labels)].max(axis=1), counts.sum(axis=1)
    sums = np.column_stack([np.divide(top, total, out=np.zeros(len(votes)), where=total > 0), total > 0])

    def share(weights: Floats) -> Floats:
        found = weights @ sums
        return ratio(found[:, 0], found[:, 1])

    return measured(share, "best_answer", len(votes), int((total > 0).sum()), "", **options)
