"""What the parts of a free-text benchmark share: answers read, references, notes and warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.metrics import METRICS, Score, evaluate
from mien.metrics.bootstrap import group_codes, interval, resampled
from mien.metrics.sums import Sums
from mien.scoring.answers import Answer, read_answer, reader
from mien.scoring.free_text import DISCRETE, LISTS, SCORES, Sample, truth_cell
from mien.scoring.lists import list_rule
from mien.scoring.result import Options, Reading
from mien.scoring.steps import Extract, Labels, Polarity
from mien.scoring.unibench_rules import Rules
from mien.scoring.unibench_sets import CorpusSet, Task
from mien.scoring.wheels import LEVEL1, Tables

COLUMNS: dict[Task, tuple[str, ...]] = {"openset": LISTS, "hit-rate": DISCRETE, "sentiment": SCORES}
MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Work:
    """What every part needs: rules, options, replaced steps (None = offline), where warnings go, the file's path."""

    rules: Rules
    options: Options
    extract: Extract | None
    polarity: Polarity | None
    warnings: list[str]
    path: Path


@dataclass(frozen=True, slots=True)
class Lists:
    """A data set with its answers read. kept: the samples that are scored; truth, read: theirs."""

    kept: list[Sample]
    truth: list[list[str]]
    read: list[Answer]


def read_lists(name: str, samples: Sequence[Sample], task: Task, known: CorpusSet | None, work: Work) -> Lists:
    """The label lists of references and answers; unreadable answers are counted, and left out where so chosen."""
    told_size(name, samples, known, work)
    read = read_all(samples, work)
    skip = work.options.unreadable == "skip"
    there = [one.answer is not None for one in samples]
    unread = [place for place, found in enumerate(read) if found.status != "ok" and there[place]]
    if unread:
        some = ", ".join(samples[place].id for place in unread[:3]) + (", ..." if len(unread) > 3 else "")
        count = f"{len(unread)} of {len(samples)} answers ({some})"
        fate = "left out" if skip else "counted as naming nothing"
        work.warnings.append(f"{name}: no emotion word could be read from {count}; {fate}")
    gone = set(unread) if skip else set()
    keep = [place for place in range(len(samples)) if place not in gone]
    truth = [truth_of(samples[place], task, work) for place in keep]
    return Lists([samples[place] for place in keep], truth, [read[place] for place in keep])


def read_all(samples: Sequence[Sample], work: Work) -> list[Answer]:
    """Every answer's labels, by the replaced step where there is one, else by the rule's reader."""
    if work.extract is None:
        read = reader(work.rules.reader)
        return [_MISSING if one.answer is None else read(one.answer, work.options.keep) for one in samples]
    texts = [place for place, one in enumerate(samples) if isinstance(one.answer, str)]
    found = dict(zip(texts, work.extract([str(samples[place].answer) for place in texts]), strict=True))
    return [_judged(found[place]) if place in found else read_answer(one.answer) for place, one in enumerate(samples)]


_MISSING = Answer((), "none", ("no prediction in the file",))


def _judged(labels: Labels | None) -> Answer:
    if labels is None:
        return Answer((), "failed", ("the judge gave no usable reply",))
    held = read_answer(list(labels))
    return replace(held, why=("labels read by the judge", *held.why))


def truth_of(one: Sample, task: Task, work: Work) -> list[str]:
    """The labels of a reference, by the same list rule as the answers."""
    cell = truth_cell(one.truth, COLUMNS[task], work.path, one.id)
    if work.rules.list_rule == "official":
        return list_rule("official")(cell)
    return list(read_answer(cell).labels)


def measured(
    metrics: Sequence[str], truth: Any, given: Any, lists: Lists, options: Options, settings: dict[str, Any]
) -> list[Score]:
    """The metrics with their intervals (groups drawn whole where the reference names them); NaN without samples.

    Metrics that follow from the same sums share their resamples, which gives the intervals of `evaluate` in less time.
    """
    if not lists.kept:
        return [Score(metric, float("nan"), note="undefined: no items") for metric in metrics]
    scores = [evaluate(metric, truth, given, rounds=0, **settings) for metric in metrics]
    if not options.rounds:
        return scores
    groups = group_codes(clusters(lists.kept), len(lists.kept))
    sums = [_sums_of(metric, truth, given, settings) for metric in metrics]
    values: list[list[Any]] = [[] for _ in metrics]
    parts: list[list[Any]] = [[] for _ in metrics]
    for rows in {id(one.rows) for one in sums}:
        members = [place for place, one in enumerate(sums) if id(one.rows) == rows]
        for totals in resampled(sums[members[0]], groups, options.rounds, options.seed):
            for place in members:
                one = sums[place]
                values[place].append(one.value(totals))
                parts[place].append(one.parts(totals) if one.parts else np.empty((len(totals), 0)))
    return [_with_intervals(*found) for found in zip(scores, values, parts, sums, strict=True)]


def _sums_of(metric: str, truth: Any, given: Any, settings: dict[str, Any]) -> Sums:
    make = METRICS[metric].sums
    assert make is not None, f"{metric} follows from no sums"
    return make(truth, given, **settings)


def _with_intervals(score: Score, values: list[Any], parts: list[Any], sums: Sums) -> Score:
    columns = zip(sums.names, np.concatenate(parts).T, strict=True)
    spans = {name: span for name, column in columns if (span := interval(column)) is not None}
    whole = None if np.isnan(score.value) else interval(np.concatenate(values))
    return replace(score, interval=whole, per_class_interval=spans)


def clusters(samples: Sequence[Sample]) -> list[str] | None:
    """What the bootstrap draws whole, None where the reference names no groups or only one."""
    names = [one.group for one in samples]
    if any(name is None for name in names) or not 1 < len(set(names)) < len(names):
        return None
    return [str(name) for name in names]


def noted(score: Score, scored: Sequence[int], total: int, work: Work, name: str) -> Score:
    """The score with how many samples each wheel scores, and a warning where nothing can be scored."""
    counts = ", ".join(f"{number}: {count}" for number, count in enumerate(scored, start=1))
    if not any(scored):
        work.warnings.append(f"{name}: no figure, as no reference is in the word tables (neutral is in none)")
    return with_note(score, f"scored of {total} per wheel {counts}")


def with_note(score: Score, note: str) -> Score:
    """The score with a note before its own."""
    return replace(score, note="; ".join(filter(None, (note, score.note))))


def length(lists: Lists) -> Score:
    """How many different words an answer names: over-naming is free in some of the figures."""
    count = [len({label.lower() for label in one.labels}) for one in lists.read]
    value = float(np.mean(count)) if count else float("nan")
    return Score("labels_per_answer", value, n=len(count), note="how many words an answer names")


def told_size(name: str, samples: Sequence[Sample], known: CorpusSet | None, work: Work) -> None:
    """Warn where a published set has another number of samples."""
    if known and known.samples and known.samples != len(samples):
        work.warnings.append(f"{name}: {len(samples)} samples, while the published split has {known.samples}")


def told_words(name: str, lists: Lists, held: Tables, work: Work) -> None:
    """Warn which words are in no table: how many, and the twenty most frequent."""
    for what, sides in (("references", lists.truth), ("answers", [one.labels for one in lists.read])):
        dropped = Counter(word.lower().strip() for labels in sides for word in labels if held.row(word) < 0)
        if dropped:
            total = sum(len(labels) for labels in sides)
            some = ", ".join(f"{word} {count}" for word, count in dropped.most_common(MOST_WORDS))
            count = f"{sum(dropped.values())} of {total} words of the {what}"
            work.warnings.append(f"{name}: {count} are in no table and dropped ({some})")


def readings_of(lists: Lists, credit: Sequence[float], held: Tables) -> tuple[Reading, ...]:
    """What was read from every answer and what became of every word. credit: one value a sample, NaN = not scored."""
    readings = []
    for one, truth, read, value in zip(lists.kept, lists.truth, lists.read, credit, strict=True):
        why = (*read.why, *(f"read {held.explain(word)}" for word in read.labels), *_merged(read.labels, held))
        why = (*why, *(f"true {held.explain(word)}" for word in truth))
        if np.isnan(value):
            why = (*why, "not scored: no wheel knows a reference word")
        share = None if np.isnan(value) else float(min(1.0, value))
        readings.append(Reading(one.id, text_of(one.answer), tuple(truth), read.labels, share, why))
    return tuple(readings)


def _merged(labels: Sequence[str], held: Tables) -> list[str]:
    """Which words of one answer fall into one group on the first wheel and hence count once."""
    sets: dict[str, list[str]] = {}
    for label in labels:
        if group := held.group(label, LEVEL1[0]):
            sets.setdefault(group, []).append(label)
    return [f"merged on wheel 1: {', '.join(words)} are all {group}" for group, words in sets.items() if len(words) > 1]


def text_of(answer: Any) -> str:
    """An answer as text, "" where it is missing."""
    return "" if answer is None else str(answer)
