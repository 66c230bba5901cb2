"""Where writers and readers of a text differ: gaps, and texts whose writer put in more (hidden) or less (over-read).

>>> found = perspective([3, 0, 1], [[0, 0, 1], [2, 2, 3], [1, 1, 1]])
>>> found.hidden.tolist(), found.over_read.tolist()
([True, False, False], [False, True, False])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_matrix, as_numbers, same_length

RULES = {
    "exact": "hidden: writer more than 1 above the readers' mean; over-read: more than 1 below",
    "rounded": "hidden: writer more than 1 above the readers' mean rounded to a whole number; over-read: 1 below",
    "agreeing": "as exact where the readers' standard deviation (n - 1) is below 1; else disputed",
}
"""Rule -> what it says. Sources: nakatuba/sentiment-analysis-bert (rounded), nakatuba/wrime-lstm (agreeing)."""

_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Perspective:
    """Each text once: gap (n,) writer minus mean of readers; hidden, over_read, agreed, disputed (n,) add up to all.

    disputed: the readers do not agree among themselves (only by the rule "agreeing").
    """

    gap: Numbers
    hidden: NDArray[np.bool_]
    over_read: NDArray[np.bool_]
    agreed: NDArray[np.bool_]
    disputed: NDArray[np.bool_]


def perspective(writer: Any, readers: Any, *, rule: str = "exact", average: Any = None) -> Perspective:
    """Compare a writer's intensity with the readers'.

    writer: (n,); readers: (n, readers) on the same scale; rule: one of `RULES`; average: (n,) the readers' average of
    the released table for "rounded" (default: the mean, rounded half to even). RequestError: shapes that do not agree,
    an unknown rule, "agreeing" with a single reader.
    """
    own, others = as_numbers(writer, name="writer"), as_matrix(readers, name="readers")
    same_length(own, others, names=("writer", "readers"))
    if rule not in RULES:
        raise RequestError(f"unknown rule {rule!r}; allowed: {', '.join(RULES)}")
    mean = others.mean(axis=1)
    if rule == "rounded":
        mean = np.round(mean) if average is None else as_numbers(average, name="average")
        same_length(own, mean, names=("writer", "average"))
    disputed = np.zeros(len(own), dtype=bool)
    if rule == "agreeing":
        if others.shape[1] < 2:
            raise RequestError("readers: the rule 'agreeing' needs two or more for each text")
        disputed = others.std(axis=1, ddof=1) >= 1 - _TINY
    gap = own - mean
    hidden, over_read = (gap > 1 + _TINY) & ~disputed, (gap < -1 - _TINY) & ~disputed
    return Perspective(gap, hidden, over_read, ~(hidden | over_read | disputed), disputed)
