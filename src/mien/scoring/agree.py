"""How far an offline rule and a judge (or a published reference) say the same, step by step.

Samples that either side could not answer (None) are left out of the figures and counted. Precision and recall take the
first argument as the truth.

>>> found = labels_agree([["sad", "worried"], ["happy"]], [["sad"], ["glad"]])
>>> found.n, found.values["same"], found.values["recall"]
(2, 0.0, 0.25)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics import METRICS
from mien.scoring.steps import Labels


@dataclass(frozen=True, slots=True)
class Concord:
    """Agreement on one step. n: what was compared; left_out: samples one side has no answer for; values: figure by
    name, NaN where it is not defined."""

    step: str
    n: int
    left_out: int
    values: Mapping[str, float]

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value:.3f}" for name, value in self.values.items())
        return f"{self.step}: {told} (n={self.n}, left out {self.left_out})"


def labels_agree(
    truth: Sequence[Labels | None],
    other: Sequence[Labels | None],
    *,
    group: Callable[[str], str | None] | None = None,
) -> Concord:
    """Two extractions of labels: share of equal sets, mean Jaccard index, precision, recall, F of the means.

    group: label -> what it counts as (a wheel's group), None drops it; without it labels are lower-cased. A set that is
    empty on both sides agrees fully; empty on one side, not at all.
    """
    pairs, left_out = _both(truth, other)
    fold = group or (lambda label: label.lower().strip())
    sets = [tuple({fold(label) for label in labels} - {None} for labels in pair) for pair in pairs]
    same = np.array([first == second for first, second in sets], dtype=np.float64)
    shared = np.array([_share(first & second, first | second, first | second) for first, second in sets])
    precision = np.array([_share(first & second, second, first | second) for first, second in sets])
    recall = np.array([_share(first & second, first, first | second) for first, second in sets])
    p, r = _mean(precision), _mean(recall)
    values = {"same": _mean(same), "jaccard": _mean(shared), "precision": p, "recall": r, "f": _harmonic(p, r)}
    return Concord("labels", len(sets), left_out, values)


def groups_agree(truth: Sequence[Sequence[Labels] | None], other: Sequence[Sequence[Labels] | None]) -> Concord:
    """Two groupings of the same words, pair by pair: do both put a pair of words together, or both apart?

    values: share of pairs judged alike, Cohen's kappa, precision and recall of "together". n counts pairs. Words that
    only one side has, and a word's second group (the later one wins, as in the published score), are not compared.
    """
    pairs, left_out = _both(truth, other)
    first: list[bool] = []
    second: list[bool] = []
    for one, two in pairs:
        place, spot = _places(one), _places(two)
        for word, partner in combinations(sorted(place.keys() & spot.keys()), 2):
            first.append(place[word] == place[partner])
            second.append(spot[word] == spot[partner])
    a, b = np.array(first, dtype=bool), np.array(second, dtype=bool)
    both = float((a & b).sum())
    values = {
        "alike": _mean((a == b).astype(np.float64)),
        "kappa": _kappa(a, b),
        "precision": both / float(b.sum()) if b.any() else float("nan"),
        "recall": both / float(a.sum()) if a.any() else float("nan"),
    }
    return Concord("groups", len(a), left_out, values)


def words_agree(truth: Sequence[str | None], other: Sequence[str | None], *, step: str = "polarity") -> Concord:
    """Two choices of one word a sample: share of equal ones, Cohen's kappa."""
    pairs, left_out = _both(truth, other)
    a, b = np.array([one for one, _ in pairs], dtype=object), np.array([two for _, two in pairs], dtype=object)
    return Concord(step, len(a), left_out, {"same": _mean((a == b).astype(np.float64)), "kappa": _kappa(a, b)})


def numbers_agree(truth: Sequence[float | None], other: Sequence[float | None], *, step: str = "rating") -> Concord:
    """Two series of numbers (ratings, scores, counts of steps): Spearman, Pearson, mean difference and its size."""
    pairs, left_out = _both(truth, other)
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.float64) for side in (0, 1))
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise RequestError("numbers to compare must be finite; give None where there is none")
    values = {
        "spearman": float(METRICS["spearman"](a, b)) if len(a) > 1 else float("nan"),
        "pearson": float(METRICS["pearson"](a, b)) if len(a) > 1 else float("nan"),
        "difference": _mean(b - a),
        "distance": _mean(np.abs(b - a)),
    }
    return Concord(step, len(a), left_out, values)


def _both(truth: Sequence[Any], other: Sequence[Any]) -> tuple[list[tuple[Any, Any]], int]:
    if len(truth) != len(other):
        raise RequestError(f"{len(truth)} samples on one side, {len(other)} on the other; they must agree")
    pairs = [(one, two) for one, two in zip(truth, other, strict=True) if one is not None and two is not None]
    return pairs, len(truth) - len(pairs)


def _places(groups: Sequence[Labels]) -> dict[str, int]:
    return {word.lower().strip(): index for index, group in enumerate(groups) for word in group}


def _share(part: set[Any], whole: set[Any], either: set[Any]) -> float:
    return len(part) / len(whole) if whole else float(not either)


def _harmonic(first: float, second: float) -> float:
    return 2 * first * second / (first + second) if first + second > 0 else 0.0 if first == first else first


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _kappa(first: NDArray[Any], second: NDArray[Any]) -> float:
    if not len(first):
        return float("nan")
    names = sorted({*first.tolist(), *second.tolist()}, key=str)
    agreed = float((first == second).mean())
    chance = sum(float((first == name).mean()) * float((second == name).mean()) for name in names)
    return (agreed - chance) / (1.0 - chance) if chance < 1.0 else float("nan")
