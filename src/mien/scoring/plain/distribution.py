"""`mien score distribution`: predicted shares of labels beside those of raters.

Both sides: columns p_<label>, or one object {label: number} in a column `distribution` (or `probabilities`, `votes`);
the reference may also hold columns named by the labels themselves, and counts of votes instead of shares. The labels
are those of the reference; a label that the predictions lack has the share 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import DataError
from mien.metrics import Score, evaluate
from mien.metrics.arrays import Numbers
from mien.scoring.columns import DATASET, GROUP, ID, missing_column, normal
from mien.scoring.plain.choices import refuse
from mien.scoring.plain.probabilities import labels_of, numbers_of, shares
from mien.scoring.plain.samples import Sample, Samples, as_number, gather, nothing_left, unreadable_words
from mien.scoring.plain.sureness import rounds_for
from mien.scoring.result import Options, Part, Reading, ScoreResult

METRICS = ("js", "kl", "total_variation", "cosine", "top_agreement")
RULE = "rule: counts of votes divided by their sum; distances averaged over samples"


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Score distributions; each data set is a part.

    A missing or unreadable prediction counts as certain of the label that the raters named least (options.unreadable
    "skip": it is left out). Raises DataError with the row: shares that are negative or do not add up to 1, a sample
    nobody voted on, no columns of shares.
    """
    refuse(options, "distribution")
    if reference is None:
        raise DataError(predictions, None, "holds the predictions; name the raters' file too: --reference FILE")
    samples = gather(predictions, reference, options)
    labels, given = _labels(samples)
    notes, parts = list(samples.warnings), []
    for name, some in samples.parts():
        if part := _part(name, some, labels, given, options, notes):
            parts.append(part)
    if not parts:
        raise nothing_left(samples)
    settings = {"rounds": options.rounds, "seed": options.seed, "unreadable": options.unreadable, "labels": labels}
    return ScoreResult("distribution", RULE, settings, tuple(parts), (), tuple(dict.fromkeys(notes)))


def _labels(samples: Samples) -> tuple[list[str], dict[str, str]]:
    """The labels of the reference, and each one's spelling in the predictions."""
    first = samples.items[0]
    labels = labels_of(first.truth) or _bare(first.truth)
    if len(labels) < 2:
        why = missing_column("shares", list(first.truth), ("p_<label> for each label", "distribution", "votes"))
        raise samples.truth_error(first, why)
    answer = next((sample for sample in samples.items if sample.answer is not None), first)
    there = {name.casefold(): name for name in labels_of(answer.answer or {}) or _bare(answer.answer or {})}
    given = {label: there[label.casefold()] for label in labels if label.casefold() in there}
    if not given:
        told = f"labels of the reference: {', '.join(labels)}"
        why = missing_column("shares", list(answer.answer or {}), ("p_<label> for each label", "distribution"))
        raise samples.answer_error(answer, f"{why}; {told}")
    return labels, given


def _bare(row: Mapping[str, Any]) -> list[str]:
    """Columns of numbers that are neither id, group nor data set."""
    known = {*ID, *GROUP, *DATASET}
    return [column for column in row if normal(column) not in known and as_number(row[column]) is not None]


def _numbers(row: Mapping[str, Any], labels: Sequence[str]) -> list[float | None]:
    found = numbers_of(row, labels)
    return [as_number(row.get(label)) for label in labels] if found is None else found


def _part(
    name: str, samples: Samples, labels: list[str], given: dict[str, str], options: Options, notes: list[str]
) -> Part | None:
    truth = np.array([_true(samples, sample, labels) for sample in samples.items])
    read = [_answer(samples, sample, labels, given) for sample in samples.items]
    lost = [sample for sample, row in zip(samples.items, read, strict=True) if row is None]
    notes += unreadable_words(samples, lost, options.unreadable)
    keep = [at for at, row in enumerate(read) if row is not None or options.unreadable == "wrong"]
    if not keep:
        return None
    worst = np.eye(len(labels))[truth.argmin(axis=1)]
    answers = np.array([worst[at] if read[at] is None else read[at] for at in keep], dtype=float)
    some, truth = samples.take([samples.items[at] for at in keep]), truth[keep]
    groups, told = some.groups()
    notes += [told] if told else []
    scores = tuple(_evaluate(metric, truth, answers, groups, options) for metric in METRICS)
    constants = {"mean of the raters": truth.mean(axis=0), "all labels alike": np.full(len(labels), 1 / len(labels))}
    floors = {name: _constant(truth, row) for name, row in constants.items()}
    readings = tuple(_readings(some.items, truth, answers, labels)) if options.keep else ()
    return Part(name, scores, floors, readings)


def _evaluate(
    metric: str, truth: Numbers, answers: Numbers, groups: Sequence[str] | None, options: Options | None
) -> Score:
    """One metric; KL is infinite where a label that was voted for gets 0, so shares below 1e-6 count as that."""
    rounds, seed = (rounds_for(metric, len(truth), options), options.seed) if options else (0, 0)
    if metric == "kl":
        return evaluate(metric, truth, answers, groups=groups, rounds=rounds, rng=seed, floor=1e-6)
    return evaluate(metric, truth, answers, groups=groups, rounds=rounds, rng=seed)


def _constant(truth: Numbers, row: Numbers) -> tuple[Score, ...]:
    answers = np.tile(row, (len(truth), 1))
    return tuple(_evaluate(metric, truth, answers, None, None) for metric in METRICS)


def _true(samples: Samples, sample: Sample, labels: list[str]) -> list[float]:
    values, wrong = shares(_numbers(sample.truth, labels), counts=True)
    if wrong:
        raise samples.truth_error(sample, wrong)
    return values


def _answer(samples: Samples, sample: Sample, labels: list[str], given: dict[str, str]) -> list[float] | None:
    """The shares in the order of `labels`; None where the row is empty or not there."""
    if sample.answer is None:
        return None
    numbers = _numbers(sample.answer, list(given.values()))
    if all(number is None for number in numbers):
        return None
    values, wrong = shares(numbers)
    if wrong:
        raise samples.answer_error(sample, wrong)
    there = dict(zip(given, values, strict=True))
    return [there.get(label, 0.0) for label in labels]


def _readings(items: Sequence[Sample], truth: Numbers, answers: Numbers, labels: list[str]) -> Iterator[Reading]:
    """Credit: 1 - total variation; truth and read: the labels above a tenth, the largest first."""
    for sample, true, answer in zip(items, truth, answers, strict=True):
        credit = 1 - float(np.abs(true - answer).sum()) / 2
        why = f"raters {_said(true, labels)}; predicted {_said(answer, labels)}"
        yield Reading(sample.id, "", _large(true, labels), _large(answer, labels), max(credit, 0.0), (why,))


def _large(row: Numbers, labels: list[str]) -> tuple[str, ...]:
    return tuple(labels[at] for at in np.argsort(-row, kind="stable") if row[at] > 0.1)


def _said(row: Numbers, labels: list[str]) -> str:
    return ", ".join(f"{labels[at]} {row[at]:.2f}" for at in np.argsort(-row, kind="stable")[:4] if row[at] > 0.005)
