"""`mien score classification`: one label a sample, with recalls, F1, confusion, and calibration where it is known.

Labels are compared without case and outer blanks. The truth: a column `label` (or one of `TRUTH`); the answer: a column
`prediction`, or columns p_<label> (the largest counts); `confidence` beside a prediction, or the p_<label>, give the
calibration; `speaker`, `dialogue` or `group` make the intervals draw whole groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mien.metrics import Score, evaluate
from mien.metrics.confusion import confusion
from mien.scoring.columns import seek
from mien.scoring.plain.choices import refuse
from mien.scoring.plain.multilabel import is_multilabel, score_sets
from mien.scoring.plain.probabilities import labels_of, numbers_of, shares
from mien.scoring.plain.samples import (
    Sample,
    Samples,
    answer_column,
    as_label,
    as_number,
    gather,
    no_answer_column,
    nothing_left,
    truth_column,
    unreadable_words,
)
from mien.scoring.plain.sureness import Sure, calibration, share_floor, sure_scores
from mien.scoring.result import Options, Part, Reading, ScoreResult

METRICS = ("uar", "accuracy", "weighted_f1", "macro_f1", "mcc")
PER_CLASS = ("uar", "macro_f1")
NONE = "(no answer)"
RULE = "rule: labels compared without case and outer blanks"
CONFIDENCE = ("confidence", "probability", "sureness", "score")


@dataclass(frozen=True, slots=True)
class Read:
    """One sample's labels: `answer` is "" where none could be read; sure: what is known of its confidence."""

    sample: Sample
    truth: str
    answer: str
    sure: Sure | None
    why: tuple[str, ...] = ()


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Score labels; each data set (column `dataset`) is a part, all samples pooled are the overall scores.

    An answer that is empty counts as wrong (options.unreadable "skip": it is left out, as are missing predictions).
    Where samples have several labels (lists, or several in a column `labels`), they are compared as sets
    (`multilabel.score_sets`). Raises DataError with the row for an empty label and a confidence outside [0, 1].
    """
    refuse(options, "classification")
    samples = gather(predictions, reference, options)
    if is_multilabel(samples):
        return score_sets(samples, options)
    reads = _read(samples)
    lost = [read.sample for read in reads if not read.answer]
    kept = [read for read in reads if read.answer or options.unreadable == "wrong"]
    if not kept:
        raise nothing_left(samples)
    by_sample = {read.sample.id: read for read in kept}
    parts, notes = [], list(samples.warnings) + list(unreadable_words(samples, lost, options.unreadable))
    for name, some in samples.parts():
        if chosen := [by_sample[item.id] for item in some.items if item.id in by_sample]:
            parts.append(_part(name, chosen, samples, options, notes))
    if len(parts) > 1:
        parts = [replace(part, floors=_one_name(part.floors)) for part in parts]
    overall = _scores(kept, samples, options, notes) if len(parts) > 1 else ()
    settings = {"rounds": options.rounds, "seed": options.seed, "unreadable": options.unreadable}
    return ScoreResult("classification", RULE, settings, tuple(parts), overall, tuple(dict.fromkeys(notes)))


def _read(samples: Samples) -> list[Read]:
    """Labels of both sides; spellings that differ in case alone become the first one met in the truth."""
    column, spelt = truth_column(samples), dict[str, str]()
    truths = [_one_label(samples, sample, sample.truth.get(column), spelt, column) for sample in samples.items]
    given = answer_column(samples)
    first = next((sample.answer for sample in samples.items if sample.answer is not None), {})
    names = labels_of(first or {})
    if given is None and names is None:
        raise no_answer_column(samples)
    return [
        _answer(samples, sample, truth, given, names, spelt)
        for sample, truth in zip(samples.items, truths, strict=True)
    ]


def _one_label(samples: Samples, sample: Sample, cell: object, spelt: dict[str, str], column: str) -> str:
    if isinstance(cell, (list, tuple)):
        cell = cell[0]
    label = as_label(cell)
    if not label:
        raise samples.truth_error(sample, f"the label (column {column!r}) is empty")
    return spelt.setdefault(label.casefold(), label)


def _answer(
    samples: Samples, sample: Sample, truth: str, column: str | None, names: Sequence[str] | None, spelt: dict[str, str]
) -> Read:
    row = sample.answer
    if row is None:
        return Read(sample, truth, "", None, ("no prediction with this id",))
    odds = _odds(samples, sample, names, spelt)
    cell = row.get(column) if column is not None else None
    if isinstance(cell, (list, tuple)) and len(cell) == 1:
        cell = cell[0]
    label = as_label(cell) if not isinstance(cell, (list, tuple, dict)) else ""
    why: tuple[str, ...] = ()
    if column is None and odds:
        label = max(odds, key=lambda name: odds[name])
        why = (f"the largest probability is {odds[label]:.3f}",)
    label = spelt.setdefault(label.casefold(), label) if label else ""
    if not label:
        return Read(sample, truth, "", None, ("the answer is empty or no single label",))
    return Read(sample, truth, label, _sure(samples, sample, odds, label, truth), why)


def _odds(samples: Samples, sample: Sample, names: Sequence[str] | None, spelt: dict[str, str]) -> dict[str, float]:
    """The probabilities of a row by label; {} where it has none. A row with a wrong one is an error."""
    numbers = numbers_of(sample.answer or {}, names) if names is not None else None
    if numbers is None or names is None or all(number is None for number in numbers):
        return {}
    values, wrong = shares(numbers)
    if wrong:
        raise samples.answer_error(sample, wrong)
    return {spelt.setdefault(name.casefold(), name): value for name, value in zip(names, values, strict=True)}


def _sure(samples: Samples, sample: Sample, odds: dict[str, float], label: str, truth: str) -> Sure | None:
    if odds:
        return Sure(odds.get(label, 0.0), odds, truth)
    column = seek(sample.answer or {}, CONFIDENCE)
    cell = (sample.answer or {}).get(column) if column is not None else None
    if cell is None or cell == "":
        return None
    number = as_number(cell)
    if number is None or not 0 <= number <= 1:
        raise samples.answer_error(sample, f"the confidence (column {column!r}) is {cell!r}; allowed: 0 to 1")
    return Sure(number, {}, truth)


def _part(name: str, reads: list[Read], samples: Samples, options: Options, notes: list[str]) -> Part:
    scores = _scores(reads, samples, options, notes)
    truths = [read.truth for read in reads]
    most = Counter(truths).most_common(1)[0][0]
    floor = tuple(evaluate(metric, truths, [most] * len(truths), rounds=0) for metric in METRICS)
    floors = {f"always {most}": floor}
    if shares := share_floor([(read.sure, False) for read in reads]):
        floors["class shares"] = shares
    labels = _labels(reads)
    known = [*labels, *([NONE] if any(not read.answer for read in reads) else [])]
    table = confusion(truths, [read.answer or NONE for read in reads], labels=known)[1]
    if len(set(truths)) == 1:
        notes.append(f"{name}: the truth holds one class only ({most}); recalls and F1 say little")
    return Part(
        name,
        scores,
        floors,
        tuple(_reading(read) for read in reads) if options.keep else (),
        (tuple(known), tuple(tuple(map(int, line)) for line in table.tolist())),
        calibration([(read.sure, read.answer == read.truth) for read in reads]),
    )


def _one_name(floors: Mapping[str, tuple[Score, ...]]) -> dict[str, tuple[Score, ...]]:
    """The floors under names that are the same for all parts, whatever their majority class."""
    return {name if name == "class shares" else "majority class": scores for name, scores in floors.items()}


def _scores(reads: list[Read], samples: Samples, options: Options, notes: list[str]) -> tuple[Score, ...]:
    """The metrics with their intervals; an answer that could not be read stands outside the labels."""
    truths, answers, labels = [read.truth for read in reads], [read.answer or NONE for read in reads], _labels(reads)
    groups, told = samples.take([read.sample for read in reads]).groups()
    notes += [told] if told else []
    wanted = dict(rounds=options.rounds, rng=options.seed, groups=groups)
    scores = []
    for metric in METRICS:
        with_labels = {"labels": labels} if metric != "mcc" else {}
        found = evaluate(metric, truths, answers, **wanted, **with_labels)  # type: ignore[arg-type]
        scores.append(found if metric in PER_CLASS else replace(found, per_class={}, per_class_interval={}))
    return (*scores, *sure_scores([(read.sure, read.answer == read.truth) for read in reads], groups, options))


def _labels(reads: list[Read]) -> list[str]:
    """All labels of both sides, numbers in the order of their size."""
    found = {read.truth for read in reads} | {read.answer for read in reads if read.answer}
    numbers = {label: as_number(label) for label in found}
    if all(number is not None for number in numbers.values()):
        return sorted(found, key=lambda label: (numbers[label], label))
    return sorted(found)


def _reading(read: Read) -> Reading:
    right = read.answer == read.truth
    why = list(read.why)
    if read.sure is not None:
        why.append(f"{read.sure.said:.3f} sure" + (f" of {read.answer}" if read.answer else ""))
        if read.sure.odds and not right:
            why.append(f"{read.sure.odds.get(read.truth, 0.0):.3f} for {read.truth}, which is true")
    return Reading(read.sample.id, "", (read.truth,), (read.answer,) if read.answer else (), float(right), tuple(why))
