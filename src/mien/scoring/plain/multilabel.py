"""`mien score classification` where a sample may have several labels, or none: lists in JSON, or "joy; trust" in a
column of a plural name (`labels`, `emotions`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mien.metrics import Score, evaluate
from mien.metrics.arrays import Numbers
from mien.scoring.columns import normal
from mien.scoring.lists import tolerant_list
from mien.scoring.plain.samples import (
    Sample,
    Samples,
    answer_column,
    as_label,
    no_answer_column,
    nothing_left,
    truth_column,
    unreadable_words,
)
from mien.scoring.plain.sureness import rounds_for
from mien.scoring.result import Options, Part, Reading, ScoreResult

METRICS = (
    "multilabel_macro_f1",
    "multilabel_micro_f1",
    "samples_f1",
    "jaccard_samples",
    "subset_accuracy",
    "hamming_loss",
)
RULE = "rule: sets of labels compared without case and outer blanks"
PLURAL = ("labels", "emotions")
NAMED = ("multilabel_macro_f1", "multilabel_micro_f1")

Sets = Sequence[frozenset[str]]


def is_multilabel(samples: Samples) -> bool:
    """Whether the truth holds sets: a list of other than one label, or several labels in a column of a plural name."""
    column = truth_column(samples)
    plural = normal(column) in PLURAL
    cells = (sample.truth.get(column) for sample in samples.items)
    return any(
        (isinstance(cell, (list, tuple)) and len(cell) != 1)
        or (plural and isinstance(cell, str) and len(tolerant_list(cell)) > 1)
        for cell in cells
    )


def score_sets(samples: Samples, options: Options) -> ScoreResult:
    """F1 per label and per sample, overlap, exact match; each data set is a part.

    An empty set is an answer ("no emotion"); a missing or empty cell is none: it counts as naming nothing, or, where
    the truth is the empty set, as naming everything (options.unreadable "skip": it is left out).
    """
    column, given = truth_column(samples), answer_column(samples)
    if given is None:
        raise no_answer_column(samples)
    spelt: dict[str, str] = {}
    truth = {item.id: _set(item.truth.get(column), spelt) or frozenset() for item in samples.items}
    answers = {item.id: _set((item.answer or {}).get(given), spelt) for item in samples.items}
    labels = sorted({label for names in (*truth.values(), *answers.values()) for label in names or ()})
    lost = [item for item in samples.items if answers[item.id] is None]
    notes = [*samples.warnings, *unreadable_words(samples, lost, options.unreadable)]
    if not labels:
        raise nothing_left(samples)
    parts = []
    for name, some in samples.parts():
        kept = [item for item in some.items if answers[item.id] is not None or options.unreadable == "wrong"]
        if kept:
            parts.append(_part(name, some.take(kept), truth, answers, labels, options, notes))
    if not parts:
        raise nothing_left(samples)
    settings = {"rounds": options.rounds, "seed": options.seed, "unreadable": options.unreadable, "labels": labels}
    return ScoreResult("classification", RULE, settings, tuple(parts), (), tuple(dict.fromkeys(notes)))


def _set(cell: object, spelt: dict[str, str]) -> frozenset[str] | None:
    """The labels of a cell, in the spelling met first; None for an empty cell."""
    if not isinstance(cell, (list, tuple)):
        if not as_label(cell):
            return None
        cell = tolerant_list(cell)
    names = filter(None, map(as_label, cell))
    return frozenset(spelt.setdefault(name.casefold(), name) for name in names)


def _part(
    name: str, samples: Samples, truth: dict[str, frozenset[str]], answers: dict[str, frozenset[str] | None],
    labels: list[str], options: Options, notes: list[str],
) -> Part:  # fmt: skip
    true = [truth[item.id] for item in samples.items]
    wrong = [frozenset() if names else frozenset(labels) for names in true]
    read = [wrong[at] if (found := answers[item.id]) is None else found for at, item in enumerate(samples.items)]
    groups, told = samples.groups()
    notes += [told] if told else []
    most = Counter(label for names in true for label in names).most_common(1)
    floors = {"names every label": _scores(true, [frozenset(labels)] * len(true), labels, None, None)}
    if most:
        floors["majority label"] = _scores(true, [frozenset({most[0][0]})] * len(true), labels, None, None)
    scores = _scores(true, read, labels, groups, options)
    readings = tuple(map(_reading, samples.items, true, read)) if options.keep else ()
    return Part(name, scores, floors, readings)


def _scores(
    truth: Sets, answers: Sets, labels: list[str], groups: Sequence[str] | None, options: Options | None
) -> tuple[Score, ...]:
    first, second = _table(truth, labels), _table(answers, labels)
    found = []
    for metric in METRICS:
        rounds, seed = (rounds_for(metric, len(first), options), options.seed) if options else (0, 0)
        if metric in NAMED:
            found.append(evaluate(metric, first, second, groups=groups, rounds=rounds, rng=seed, labels=labels))
        else:
            found.append(evaluate(metric, first, second, groups=groups, rounds=rounds, rng=seed))
    kept = found[0].per_class
    return tuple(
        score if at == 0 or score.per_class != kept else Score(score.metric, score.value, score.interval, score.n)
        for at, score in enumerate(found)
    )


def _table(sets: Sets, labels: list[str]) -> Numbers:
    place = {label: at for at, label in enumerate(labels)}
    table = np.zeros((len(sets), len(labels)))
    for row, names in enumerate(sets):
        table[row, [place[name] for name in names]] = 1
    return table


def _reading(item: Sample, truth: frozenset[str], read: frozenset[str]) -> Reading:
    """Credit: the overlap of the two sets."""
    both = truth | read
    credit = len(truth & read) / len(both) if both else 1.0
    why = [f"{label}: not named" for label in sorted(truth - read)] + [
        f"{label}: not true" for label in sorted(read - truth)
    ]
    if item.answer is None:
        why = ["no prediction with this id"]
    return Reading(item.id, "", tuple(sorted(truth)), tuple(sorted(read)), credit, tuple(why))
