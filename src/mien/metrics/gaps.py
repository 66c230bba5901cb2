"""Gaps: how much better a model serves one group of people, one speaker or one language than another.

>>> found = by_group([1, 1, 0, 0], [1, 1, 0, 1], ["f", "f", "m", "m"], metric=lambda t, p: float((t == p).mean()))
>>> found.values, found.gap("f", "m")
({'f': 1.0, 'm': 0.5}, 0.5)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import as_labels, as_numbers, same_length
from mien.metrics.metric import metric

PAPER = "Wagner et al. 2023, TPAMI 45(9), arXiv 2203.07378"
LANGUAGES = "Verma et al. 2022, ICWSM, arXiv 2205.09744; definitions by Mien"

Scorer = Callable[[Any, Any], float]


@dataclass(frozen=True, slots=True)
class GroupScores:
    """A metric by group.

    values: group -> value, of the groups that are large enough, in sorted order; counts: items of every group;
    excluded: groups left out as too small (name them beside the spread).
    """

    values: Mapping[str, float]
    counts: Mapping[str, int]
    excluded: tuple[str, ...]

    @property
    def mean(self) -> float:
        """Mean over groups; NaN without groups."""
        return float(np.mean(list(self.values.values()))) if self.values else math.nan

    @property
    def std(self) -> float:
        """Standard deviation over groups (population, ddof 0): the spread; NaN without groups."""
        return float(np.std(list(self.values.values()))) if self.values else math.nan

    @property
    def worst(self) -> float:
        """The lowest value; NaN without groups."""
        return min(self.values.values(), default=math.nan)

    def gap(self, first: str, second: str) -> float:
        """Value of `first` minus value of `second`: positive where `first` is served better."""
        for name in (first, second):
            if name not in self.values:
                small = f" ({self.counts[name]} items, too few)" if name in self.counts else ""
                raise RequestError(f"no score of the group {name!r}{small}; there are: {', '.join(self.values)}")
        return self.values[first] - self.values[second]


@dataclass(frozen=True, slots=True)
class LanguageGaps:
    """Distance of each language from the reference language (positive: worse than it).

    gap, relative: by language without the reference (relative: gap over the reference's score, NaN where that is 0);
    mean, mean_abs: over these; others: mean score without the reference; std: of all scores with the reference's
    (population); worst: the language with the lowest score, the reference included.
    """

    reference: str
    scores: Mapping[str, float]
    gap: Mapping[str, float]
    relative: Mapping[str, float]
    mean: float
    mean_abs: float
    others: float
    std: float
    worst: str


def by_group(truth: Any, prediction: Any, groups: Any, *, metric: Scorer, min_items: int = 1) -> GroupScores:
    """A metric for each group of items (sex, speaker, language).

    truth, prediction: (n,) or (n, d), as `metric` takes them; groups: (n,) names; metric: f(truth, prediction) -> float
    (any of `METRICS`); min_items: smaller groups are left out and named (the paper uses 200 for speakers).
    RequestError: unequal lengths, or no group that is large enough.
    """
    names = as_labels(groups, name="groups")
    expected, predicted = np.asarray(truth), np.asarray(prediction)
    same_length(names, expected, predicted, names=("groups", "truth", "prediction"))
    found, which = np.unique(names, return_inverse=True)
    sizes = np.bincount(which)
    counts = {str(name): int(size) for name, size in zip(found, sizes, strict=True)}
    values = {
        str(name): float(metric(expected[which == at], predicted[which == at]))
        for at, name in enumerate(found)
        if sizes[at] >= min_items
    }
    if not values:
        raise RequestError(f"groups: none has {min_items} items; the largest has {sizes.max()}")
    return GroupScores(values, counts, tuple(name for name in counts if name not in values))


@metric(
    "group_gap", kind="gap", better="zero", formula="metric(items of first) - metric(items of second)", reference=PAPER,
)  # fmt: skip
def group_gap(truth: Any, prediction: Any, *, groups: Any, metric: Scorer, first: str, second: str) -> float:
    """Metric of one group minus that of another: positive where the first is served better.

    For sex the published order is female minus male. Arguments and errors as `by_group`.
    """
    return by_group(truth, prediction, groups, metric=metric).gap(first, second)


@metric(
    "group_spread", kind="gap", better="lower",
    formula="population standard deviation of the metric over groups with at least min_items items", reference=PAPER,
)  # fmt: skip
def group_spread(truth: Any, prediction: Any, *, groups: Any, metric: Scorer, min_items: int = 1) -> float:
    """How differently single groups (speakers) are served: spread of the metric over them."""
    return by_group(truth, prediction, groups, metric=metric, min_items=min_items).std


@metric(
    "prediction_gap", kind="gap", better="zero",
    formula="mean prediction of first - mean prediction of second", reference=PAPER,
)  # fmt: skip
def prediction_gap(prediction: Any, *, groups: Any, first: str, second: str) -> float:
    """How much higher the predictions are for one group than for another, whatever the truth."""
    values, names = as_numbers(prediction, name="prediction"), as_labels(groups, name="groups")
    same_length(names, values, names=("groups", "prediction"))
    for name in (first, second):
        if name not in names.tolist():
            known = ", ".join(map(str, np.unique(names)))
            raise RequestError(f"groups: no item of {name!r}; there are: {known}")
    return float(values[names == first].mean() - values[names == second].mean())


def language_gaps(scores: Mapping[str, float], *, reference: str = "en") -> LanguageGaps:
    """The fixed set of gap measures from one score (macro F1) per language.

    RequestError: the reference language or any other language is missing, or a score is not finite.

    >>> language_gaps({"en": 0.8, "de": 0.6, "hi": 0.9}).gap["de"]
    0.20000000000000007
    """
    if reference not in scores:
        raise RequestError(f"no score of the reference language {reference!r}; there are: {', '.join(scores)}")
    others = {name: float(value) for name, value in scores.items() if name != reference}
    if not others:
        raise RequestError(f"only the reference language {reference!r} has a score; a gap needs another language")
    wrong = [name for name, value in scores.items() if not math.isfinite(value)]
    if wrong:
        raise RequestError(f"the score of {', '.join(wrong)} is not finite")
    base = float(scores[reference])
    gap = {name: base - value for name, value in others.items()}
    values = np.array(list(gap.values()))
    return LanguageGaps(
        reference, dict(scores), gap, {name: one / base if base else math.nan for name, one in gap.items()},
        float(values.mean()), float(np.abs(values).mean()), float(np.mean(list(others.values()))),
        float(np.std(list(scores.values()))), min(scores, key=lambda name: scores[name]),
    )  # fmt: skip


@metric(
    "language_gap", kind="gap", better="zero",
    formula="mean over languages of score(reference language) - score(language)", reference=LANGUAGES,
)  # fmt: skip
def language_gap(scores: Mapping[str, float], *, reference: str = "en") -> float:
    """Mean distance of the other languages from the reference language; negative where they are served better."""
    return language_gaps(scores, reference=reference).mean


@metric(
    "gap_reduction", kind="gap", better="higher", formula="1 - mean gap after / mean gap before", reference=LANGUAGES,
)  # fmt: skip
def gap_reduction(before: float, after: float) -> float:
    """Share of the mean language gap that a second system (with images) removes; NaN where there was no gap.

    100 % is trivial where the text is ignored: look at the scores beside it.
    """
    return 1 - after / before if before else math.nan


def one_answer(prediction: Any) -> bool:
    """Whether a model gives every item the same label: a collapsed model, whose gap says nothing of the language."""
    labels: NDArray[Any] = as_labels(prediction, name="prediction")
    return len(np.unique(labels)) == 1
