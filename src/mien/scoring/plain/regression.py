"""`mien score regression`: numbers beside numbers: concordance, correlation, errors; one part per dimension.

The truth: a column `label` (or one of `TRUTH`) and the answer: `prediction`; or columns of the same names in both files
(valence, arousal, ...), one dimension each; in one file `valence` beside `valence_pred` or `pred_valence`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import DataError
from mien.metrics import Score, evaluate
from mien.metrics.arrays import Numbers
from mien.scoring.columns import DATASET, GROUP, ID, TRUTH, missing_column, normal, seek
from mien.scoring.plain.choices import refuse
from mien.scoring.plain.samples import (
    PREDICTED,
    Sample,
    Samples,
    as_number,
    gather,
    nothing_left,
    unreadable_words,
)
from mien.scoring.plain.sureness import rounds_for
from mien.scoring.result import Options, Part, Reading, ScoreResult

METRICS = ("ccc", "pearson", "spearman", "mae", "rmse", "bias")
REPLICATES = {
    "mosi": (
        *("mae", "pearson", "ccc", "acc2_has0", "f1_2_has0", "acc2_non0", "f1_2_non0", "acc2_strict", "f1_2_strict"),
        *("acc3", "acc5", "acc7"),
    ),
    "sims": ("mae", "pearson", "ccc", "acc2_sims", "f1_2_sims", "acc3_sims", "acc5_sims"),
}
"""Names of `--replicate`: the metric sets of sentiment papers (range -3 to 3, and -1 to 1)."""

NAMED = 5
"""Samples that an error names at most."""

RULE = "rule: numbers as written; CCC with population moments"


@dataclass(frozen=True, slots=True)
class Column:
    """One dimension: its name and where it stands on both sides."""

    name: str
    truth: str
    answer: str


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Score numbers, one part per dimension (and data set).

    An answer that is no finite number counts as the end of the reference's range that is farther from the truth
    (options.unreadable "skip": it is left out); so do missing predictions. With options.replicate such answers are an
    error that names their ids, as papers have no rule for them. Raises DataError with the row where the truth is no
    finite number, or no column fits.
    """
    refuse(options, "regression", replicates=tuple(REPLICATES))
    samples = gather(predictions, reference, options)
    notes, parts = list(samples.warnings), []
    several = len(columns := _columns(samples)) > 1
    for corpus, some in samples.parts():
        for column in columns:
            name = " ".join(
                part for part in (corpus if corpus != "all" else "", column.name if several else "") if part
            )
            if part := _part(name or "all", some, column, options, notes):
                parts.append(part)
    if not parts:
        raise nothing_left(samples)
    settings = {"rounds": options.rounds, "seed": options.seed, "unreadable": options.unreadable}
    settings |= {"replicate": options.replicate} if options.replicate else {}
    return ScoreResult("regression", RULE, settings, tuple(parts), (), tuple(dict.fromkeys(notes)))


def _columns(samples: Samples) -> list[Column]:
    """The dimensions: one named truth and answer, else all columns that both sides have."""
    first = samples.items[0]
    answer = next((sample.answer for sample in samples.items if sample.answer is not None), {})
    truth = seek(first.truth, tuple(name for name in TRUTH if name != "value" or samples.apart))
    given = seek(answer, (*PREDICTED, *TRUTH) if samples.apart else PREDICTED)
    if truth is not None and given is not None:
        return [Column(truth, truth, given)]
    found = list(_pairs(first.truth, answer, samples.apart))
    if not found:
        why = missing_column("number", list(answer), (*PREDICTED, "the names of the reference", "NAME_pred"))
        raise samples.answer_error(first, why)
    return found


def _pairs(truth: Mapping[str, Any], answer: Mapping[str, Any], apart: bool) -> Iterator[Column]:
    there = {normal(str(column)): str(column) for column in answer}
    for column in truth:
        name = normal(str(column))
        if name in (*ID, *GROUP, *DATASET):
            continue
        for wanted in (name,) if apart else (f"{name}_pred", f"pred_{name}", f"{name}_prediction"):
            if wanted in there:
                yield Column(str(column), str(column), there[wanted])
                break


def _part(name: str, samples: Samples, column: Column, options: Options, notes: list[str]) -> Part | None:
    truth = np.array([_true(samples, sample, column) for sample in samples.items])
    given = [None if sample.answer is None else as_number(sample.answer.get(column.answer)) for sample in samples.items]
    lost = np.array([value is None for value in given])
    if lost.all():
        return None
    if lost.any() and options.replicate and options.unreadable == "wrong":
        raise _unnumbered(samples, [samples.items[at] for at in np.flatnonzero(lost)])
    notes += unreadable_words(samples, [samples.items[at] for at in np.flatnonzero(lost)], options.unreadable)
    if lost.any() and options.unreadable == "wrong":
        notes.append("a wrong number is one end of the reference's range, the one farther from the truth")
    far = np.where(truth - truth.min() > truth.max() - truth, truth.min(), truth.max())
    answers = np.array([far[at] if value is None else value for at, value in enumerate(given)], dtype=float)
    kept = np.flatnonzero(~lost) if options.unreadable == "skip" else np.arange(len(truth))
    some = samples.take([samples.items[at] for at in kept])
    groups, told = some.groups()
    notes += [told] if told else []
    metrics = REPLICATES[options.replicate] if options.replicate else METRICS
    scores = tuple(_evaluate(metric, truth[kept], answers[kept], groups, options) for metric in metrics)
    readings = tuple(_readings(some.items, truth[kept], answers[kept], lost[kept])) if options.keep else ()
    floors = {"best constant": tuple(_constant(metric, truth[kept]) for metric in metrics)}
    return Part(name, scores, floors, readings)


def _unnumbered(samples: Samples, lost: Sequence[Sample]) -> DataError:
    named = ", ".join(sample.id for sample in lost[:NAMED]) + (", ..." if len(lost) > NAMED else "")
    why = f"{len(lost)} of {len(samples.items)} answers are missing or no finite number: {named}"
    return DataError(samples.answer_path, None, f"{why}; --unreadable skip leaves them out")


def _true(samples: Samples, sample: Sample, column: Column) -> float:
    cell = sample.truth.get(column.truth)
    number = as_number(cell)
    if number is None:
        raise samples.truth_error(sample, f"the truth (column {column.truth!r}) is {cell!r}; a finite number is needed")
    return number


def _evaluate(metric: str, truth: Numbers, answers: Numbers, groups: Sequence[str] | None, options: Options) -> Score:
    rounds = rounds_for(metric, len(truth), options)
    return evaluate(metric, truth, answers, rounds=rounds, rng=options.seed, groups=groups)


def _constant(metric: str, truth: Numbers) -> Score:
    """The best that one and the same number for every sample reaches (it knows the truth's mean and median)."""
    tried = [float(np.median(truth)), float(truth.mean()), *map(float, np.unique(np.round(truth))[:50])]
    found = [evaluate(metric, truth, np.full(len(truth), value), rounds=0) for value in dict.fromkeys(tried)]
    known = [one for one in found if one.value == one.value]
    if not known:
        return found[0]
    if metric in ("mae", "rmse", "mse"):
        return min(known, key=lambda one: one.value)
    return min(known, key=lambda one: abs(one.value)) if metric == "bias" else max(known, key=lambda one: one.value)


def _readings(items: Sequence[Sample], truth: Numbers, answers: Numbers, lost: Numbers) -> Iterator[Reading]:
    """Credit: 1 - error / range of the truth, within [0, 1]."""
    width = float(np.ptp(truth)) or 1.0
    for sample, true, answer, gone in zip(items, truth.tolist(), answers.tolist(), lost.tolist(), strict=True):
        why = f"no number; counted as {answer:g}" if gone else f"error {answer - true:+.3g}"
        credit = max(0.0, 1 - abs(answer - true) / width)
        yield Reading(sample.id, "", (f"{true:g}",), (f"{answer:g}",), credit, (why,))
