"""Every published reader of free answers on the same file, side by side: how far papers are apart by reading alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mien.metrics import Score, evaluate
from mien.scoring.answers import READERS, read_answer, reader
from mien.scoring.closed import CLOSED_READERS, reference_substring
from mien.scoring.free_text import Sample
from mien.scoring.result import Part
from mien.scoring.unibench_parts import TASKS
from mien.scoring.unibench_sets import CorpusSet, Task
from mien.scoring.unibench_work import Work, text_of, truth_of, with_note


def side_by_side(
    name: str, samples: Sequence[Sample], task: Task, known: CorpusSet | None, work: Work
) -> Iterator[Part]:
    """One part a reader, all under the rules chosen, with how many answers each reads differently from the default."""
    plain = [read_answer(one.answer).labels for one in samples]
    quiet = replace(work.options, keep=False)
    for title in READERS:
        bare = replace(work, rules=replace(work.rules, reader=title), options=quiet, extract=None, warnings=[])
        part, _ = TASKS[task](name, samples, known, bare)
        note = _changed(plain, [reader(title)(one.answer, False).labels for one in samples])
        yield Part(f"{name}, reader {title}", tuple(_bare(score, note) for score in part.scores))
    if task == "hit-rate":
        yield from _one_label(name, samples, plain, known, work)


def _one_label(
    name: str, samples: Sequence[Sample], plain: Sequence[Sequence[str]], known: CorpusSet | None, work: Work
) -> Iterator[Part]:
    """The readers of closed label sets: one label or none an answer; by the same hit rate, and by plain accuracy."""
    truth = [truth_of(one, "hit-rate", work) for one in samples]
    labels = list(known.labels if known else dict.fromkeys(label for one in truth for label in one))
    settings: dict[str, Any] = {"held": work.rules.held, "labels": labels, "undefined": work.rules.undefined}
    for title in (*CLOSED_READERS, "reference-substring"):
        read = [_label(title, one, labels, true) for one, true in zip(samples, truth, strict=True)]
        scores = [evaluate(metric, truth, read, rounds=0, **settings) for metric in ("hit_rate", "mscore")]
        right = [bool(set(given) & set(true)) for given, true in zip(read, truth, strict=True)]
        scores.append(Score("accuracy", float(np.mean(right)), n=len(right)))
        note = _changed(plain, read)
        yield Part(f"{name}, one-label reader {title}", tuple(_bare(score, note) for score in scores))


def _bare(score: Score, note: str) -> Score:
    """Without the values per wheel, which would bury the comparison."""
    return replace(with_note(score, note), per_class={}, per_class_interval={})


def _label(title: str, one: Sample, labels: Sequence[str], truth: Sequence[str]) -> tuple[str, ...]:
    text = text_of(one.answer)
    if title == "reference-substring":
        return tuple(label for label in truth[:1] if reference_substring(text, labels, label).label)
    found = CLOSED_READERS[title](text, labels)
    return () if found.label is None else (found.label,)


def _changed(first: Sequence[Sequence[str]], second: Sequence[Sequence[str]]) -> str:
    sides = zip(first, second, strict=True)
    count = sum({word.lower() for word in a} != {word.lower() for word in b} for a, b in sides)
    return f"reads {count} of {len(first)} answers differently from the default"
