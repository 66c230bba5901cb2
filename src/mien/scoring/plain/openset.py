"""`mien score openset`: sets of any emotion words beside sets of any emotion words, on the emotion wheels.

The truth: a column `label`, `labels`, `openset` (or one of `TRUTH`); the answer: `prediction`: JSON lists, or text such
as "joyful, a bit worried" or "['joyful', 'worried']". Words in other inflections and synonyms reach the same group.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.metrics.arrays import Numbers
from mien.metrics.bootstrap import group_codes, interval, resampled
from mien.metrics.score import Score
from mien.metrics.sums import Sums, ratio
from mien.scoring.lists import tolerant_list
from mien.scoring.openset import overlap
from mien.scoring.plain.choices import refuse
from mien.scoring.plain.samples import (
    Sample,
    Samples,
    answer_column,
    gather,
    no_answer_column,
    nothing_left,
    truth_column,
)
from mien.scoring.result import Options, Part, Reading, ScoreResult
from mien.scoring.wheels import EDITIONS, LEVEL1, LEVEL2, Tables, tables

LEVELS = {"level1": LEVEL1, "level2": LEVEL2}
FIVE = ("happy", "angry", "worried", "sad", "surprised")
"""A constant answer that reaches much: a floor."""

Lists = Sequence[Sequence[str]]


def score(predictions: Path, reference: Path | None, options: Options) -> ScoreResult:
    """Precision, recall and F on five wheels at two levels, averaged over the wheels; each data set is a part.

    An answer without a word that a wheel knows has precision and recall 0; a truth without one is not scored on that
    wheel (both as published); options.unreadable "skip" leaves answers without any word out.
    """
    refuse(options, "openset", editions=EDITIONS)
    samples = gather(predictions, reference, options)
    held = tables(options.edition)
    column, given = truth_column(samples), answer_column(samples)
    if given is None:
        raise no_answer_column(samples)
    notes, parts = list(samples.warnings), []
    for name, some in samples.parts():
        if part := _part(name, some, column, given, held, options, notes):
            parts.append(part)
    if not parts:
        raise nothing_left(samples)
    settings = {"edition": held.edition, "rounds": options.rounds, "seed": options.seed}
    settings |= {"unreadable": options.unreadable}
    process = "rule: words read as lists, sorted into the groups of five emotion wheels"
    return ScoreResult("openset", process, settings, tuple(parts), (), tuple(dict.fromkeys(notes)))


def _part(
    name: str, samples: Samples, column: str, given: str, held: Tables, options: Options, notes: list[str]
) -> Part | None:
    truths = [tolerant_list(sample.truth.get(column)) for sample in samples.items]
    answers = [[] if sample.answer is None else tolerant_list(sample.answer.get(given)) for sample in samples.items]
    empty = [at for at, words in enumerate(answers) if not words and samples.items[at].answer is not None]
    if empty:
        what = "left out" if options.unreadable == "skip" else "counted as wrong"
        notes.append(f"{len(empty)} answers hold no word (first: {_place(samples, empty[0])}); {what}")
    blank = [at for at, words in enumerate(truths) if not any(held.row(word) >= 0 for word in words)]
    if blank:
        first = samples.items[blank[0]].id
        notes.append(f"{len(blank)} samples have no true word that a wheel knows (first: {first}); not scored")
    keep = [at for at, words in enumerate(answers) if words or options.unreadable == "wrong"]
    if not keep:
        return None
    samples = samples.take([samples.items[at] for at in keep])
    truths, answers = [truths[at] for at in keep], [answers[at] for at in keep]
    groups, told = samples.groups()
    notes += [told] if told else []
    scores, credit = _scores(truths, answers, held, options, groups)
    floors = {
        "five words": _scores(truths, [FIVE] * len(truths), held, None, None)[0],
        "names every label": _scores(truths, [_every(held)] * len(truths), held, None, None)[0],
    }
    readings = tuple(_readings(samples.items, truths, answers, credit, held)) if options.keep else ()
    return Part(name, scores, floors, readings)


def _place(samples: Samples, at: int) -> str:
    return f"{samples.answer_path} row {samples.items[at].answer_row}"


def _every(held: Tables) -> tuple[str, ...]:
    """The groups' own names of all wheels: an answer that names everything."""
    return tuple(dict.fromkeys(name for column in held.names[2:] for name in column))


def _scores(
    truths: Lists, answers: Lists, held: Tables, options: Options | None, groups: Sequence[str] | None
) -> tuple[tuple[Score, ...], Numbers]:
    """The six scores, and each sample's credit: its mean F over the wheels at level 1 (NaN where not scored)."""
    found = overlap(truths, answers, held=held, groupings=[*LEVEL1, *LEVEL2])
    scores = []
    for level, names in LEVELS.items():
        precision = np.stack([found[name].sample_precision for name in names], axis=1)
        recall = np.stack([found[name].sample_recall for name in names], axis=1)
        scores += _level_scores(level, precision, recall, options, groups)
        if level == "level1":
            both = ratio(2 * precision * recall, precision + recall)
            both = np.where(np.isnan(precision), np.nan, np.nan_to_num(both))
            count = (~np.isnan(both)).sum(axis=1)
            credit = ratio(np.nansum(both, axis=1), count.astype(float))
    return tuple(scores), credit


def _level_scores(
    level: str, precision: Numbers, recall: Numbers, options: Options | None, groups: Sequence[str] | None
) -> list[Score]:
    """F, precision and recall of one level, with intervals that draw samples (or groups) anew."""
    wheels = precision.shape[1]
    rows = np.concatenate([~np.isnan(precision), np.nan_to_num(precision), np.nan_to_num(recall)], axis=1).astype(float)

    def means(totals: Numbers) -> tuple[Numbers, Numbers]:
        count = totals[..., :wheels]
        return ratio(totals[..., wheels : 2 * wheels], count), ratio(totals[..., 2 * wheels :], count)

    def fscore(totals: Numbers) -> Numbers:
        one, two = means(totals)
        return _mean(np.where(one + two > 0, ratio(2 * one * two, one + two), one))

    values = {"f": fscore, "precision": lambda t: _mean(means(t)[0]), "recall": lambda t: _mean(means(t)[1])}
    scored = int((~np.isnan(precision)).any(axis=1).sum())
    sums = {name: Sums(np.arange(len(rows)), rows, rows.shape[1], value) for name, value in values.items()}
    return [_score(f"openset_{name}_{level}", one, scored, options, groups) for name, one in sums.items()]


def _mean(values: Numbers) -> Numbers:
    known = ~np.isnan(values)
    return ratio(np.nansum(values, axis=-1), known.sum(axis=-1).astype(float))


def _score(name: str, sums: Sums, n: int, options: Options | None, groups: Sequence[str] | None) -> Score:
    span = None
    if options is not None and options.rounds:
        codes = group_codes(groups, sums.count)
        drawn = resampled(sums, codes, options.rounds, options.seed)
        span = interval(np.concatenate([sums.value(totals) for totals in drawn]))
    return Score(name, sums.whole(), span, n)


def _readings(items: Sequence[Sample], truths: Lists, answers: Lists, credit: Numbers, held: Tables) -> list[Reading]:
    return [
        Reading(item.id, "", tuple(truth), tuple(words), None if value != value else value, _why(item, words, held))
        for item, truth, words, value in zip(items, truths, answers, credit.tolist(), strict=True)
    ]


def _why(item: Sample, words: Sequence[str], held: Tables) -> tuple[str, ...]:
    if item.answer is None:
        return ("no prediction with this id",)
    return tuple(held.explain(word) for word in dict.fromkeys(words)) or ("the answer holds no word",)
