"""EMER: overlap of open-vocabulary emotion sets by groups of synonyms and by the wheels, and the judged overlaps.

Explainable Multimodal Emotion Reasoning, arXiv 2306.15401; MER2024-OV. Set-level scores need words of the same meaning
grouped: by the groups that were released, by a judge, or offline by one wheel. Clue and label overlap (1 to 10) need a
judge, or its replies in the columns `clue_score` and `label_score`; two judges are never averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import DataError, RequestError
from mien.metrics import Score, evaluate
from mien.metrics.bootstrap import interval, resampled
from mien.metrics.sums import mean_of
from mien.scoring.columns import seek
from mien.scoring.constants import FIVE_WORDS, most_frequent
from mien.scoring.free_text import LISTS, TRUTHS, Sample, load
from mien.scoring.judge import Judge, open_judge
from mien.scoring.judge import told as judge_told
from mien.scoring.lists import (
    PublishedStop,
    bracketed_list,
    looks_like_list,
    nested_list,
    tolerant_groups,
    tolerant_list,
)
from mien.scoring.measure import choice
from mien.scoring.numbers import first_number, marked_score
from mien.scoring.released import synonym_groups
from mien.scoring.result import Options, Part, Reading, ScoreResult
from mien.scoring.setlevel import set_level, united, wheel_groups
from mien.scoring.steps import Extract, Group, Labels, Rate
from mien.scoring.unibench_parts import openset_part
from mien.scoring.unibench_rules import Rules
from mien.scoring.unibench_work import Work, read_all, text_of
from mien.scoring.wheels import EDITIONS

REPLICATE = ("mer2024-ov", "emer-v1")
OFFLINE_GROUPING = "case3_wheel2_level1"
"""The wheel whose inner ring groups words offline: of all groupings the nearest to the released groups (docs)."""
TEXTS = ("reasons", "chi_reasons", "eng_reasons", "reason", "english", "chinese", "description")
SIZES = {100: "EMER-v1", 332: "EMER-v2", 532: "OV-MERD+"}
METRICS = ("set_average", "set_accuracy", "set_recall")


@dataclass(frozen=True, slots=True)
class Grouped:
    """Samples ready for the set-level scores. how: who grouped the words; groups: one entry a sample."""

    samples: list[Sample]
    truth: list[Labels]
    given: list[Labels]
    groups: list[Sequence[Labels] | None]
    how: str
    why: list[tuple[str, ...]]


def score(
    predictions: Path, reference: Path | None, options: Options, *,
    extract: Extract | None = None, group: Group | None = None, rate: Rate | None = None,
    rate_labels: Rate | None = None,
) -> ScoreResult:  # fmt: skip
    """Set-level and wheel scores, and the judged overlaps where there is a judge.

    predictions: id and answer (label list or description); reference: id and label list or description; groups of
    synonyms are taken from a column `groups` or from `openset-synonym` beside the reference, as released. `replicate`:
    "mer2024-ov" (given groups, samples without them left out, no trimming) or "emer-v1" (first number of the judge's
    reply). Raises RequestError, InputError, DataError.
    """
    choice(options.edition, EDITIONS, "edition")
    choice(options.replicate, REPLICATE, "rule set")
    judge = open_judge(options)
    if judge is not None:
        from mien.scoring.assisted import extract_by, group_by, rate_by

        extract, group = extract or extract_by(judge), group or group_by(judge)
        rate, rate_labels = rate or rate_by(judge), rate_labels or rate_by(judge, labels=True)
    samples, warnings = load(predictions, reference, truths=(*TRUTHS, *TEXTS))
    path = reference or predictions
    official = options.replicate == "mer2024-ov"
    rules = Rules(edition=options.edition or EDITIONS[-1])
    if official:
        rules = replace(rules, reader="list", list_rule="official", replicate=options.replicate)
    work = Work(rules, options, None if official else extract, None, warnings, path)
    warnings += _size_told(len(samples))
    truth = _truths(samples, work, extract)
    parts, grouped = [], _grouped(samples, truth, work, group, path)
    parts.append(_set_part(grouped, work, official))
    if not official:
        parts.append(openset_part("wheels", _listed(samples, truth, grouped, work), None, work)[0])
    parts += _overlaps(samples, grouped, rate, rate_labels, judge, work)
    warnings += judge_told(judge)
    who = "rule" if judge is None else judge.process
    return ScoreResult(
        benchmark="emer",
        process=f"{who}: words grouped by {grouped.how}",
        settings={
            "edition": rules.edition, "replicate": options.replicate, "groups": grouped.how, "reader": rules.reader,
            "unreadable": options.unreadable, "rounds": options.rounds, "seed": options.seed,
            **(dict(judge.settings) if judge else {}),
        },
        parts=tuple(parts),
        overall=(parts[0].scores[0],),
        warnings=tuple(warnings),
    )  # fmt: skip


def _listed(samples: Sequence[Sample], truth: Sequence[Labels], grouped: Grouped, work: Work) -> list[Sample]:
    """The samples with their reference as a list; answers that a judge read stand as the lists it gave."""
    listed = [replace(one, truth={"openset": list(labels)}) for one, labels in zip(samples, truth, strict=True)]
    if work.extract is None:
        return listed
    given = {one.id: list(labels) for one, labels in zip(grouped.samples, grouped.given, strict=True)}
    return [one if one.answer is None else replace(one, answer=given.get(one.id, [])) for one in listed]


def _truths(samples: Sequence[Sample], work: Work, extract: Extract | None) -> list[Labels]:
    """Reference labels: the list where there is one, else read from the description by the same reader."""
    cells: list[Any] = []
    for one in samples:
        column = seek(one.truth, LISTS) or seek(one.truth, TEXTS) or seek(one.truth, ("emotion", "emotions", "value"))
        if column is None:
            names = ", ".join((*LISTS, *TEXTS))
            raise DataError(work.path, None, f"sample {one.id!r} has no reference column; allowed: {names}")
        cells.append(one.truth[column])
    if work.rules.list_rule == "official":
        return [bracketed_list(cell) for cell in cells]
    stand_ins = [replace(one, answer=cell) for one, cell in zip(samples, cells, strict=True)]
    described = any(seek(one.truth, LISTS) is None and seek(one.truth, TEXTS) is not None for one in samples)
    if described:
        work.warnings.append("the reference labels are read from descriptions; state which reader when you report this")
    read = read_all(stand_ins, work if described else replace(work, extract=None))
    return [answer.labels for answer in read]


def _grouped(samples: Sequence[Sample], truth: list[Labels], work: Work, group: Group | None, path: Path) -> Grouped:
    read = read_all(samples, work)
    given: list[Labels] = [answer.labels for answer in read]
    why = [answer.why for answer in read]
    held = _released(samples, path)
    official = work.rules.list_rule == "official"
    if held is not None and not official:
        # Groups that were made from the words as written only fit words as written.
        given = [_as_written(one.answer, labels) for one, labels in zip(samples, given, strict=True)]
        truth = [_as_written(_list_cell(one), labels) for one, labels in zip(samples, truth, strict=True)]
    if held is None and official:
        raise DataError(
            path, None, "mer2024-ov needs groups of synonyms: a column groups, or openset-synonym beside it"
        )
    keep = [place for place, answer in enumerate(read) if work.options.unreadable != "skip" or answer.status == "ok"]
    if held is not None:
        read_groups: Callable[[Any], list[list[str]]] = nested_list if official else tolerant_groups
        lost = [samples[place].id for place in keep if samples[place].id not in held]
        if lost:
            fate = "left out, as published" if official else "their words stand for themselves"
            work.warnings.append(
                f"{len(lost)} of {len(samples)} samples have no groups of synonyms ({lost[0]}, ...); {fate}"
            )
        keep = [place for place in keep if not official or samples[place].id in held]
        groups: list[Sequence[Labels] | None] = [
            read_groups(held[samples[place].id]) if samples[place].id in held else None for place in keep
        ]
        how = "the groups given"
    else:
        words = united([truth[place] for place in keep], [given[place] for place in keep])
        step = group or wheel_groups(OFFLINE_GROUPING, work.rules.held)
        groups = list(step(words))
        how = f"{OFFLINE_GROUPING.removeprefix('case3_').replace('_', ' ')} of the {work.rules.edition} tables"
        how = how if group is None else "the judge"
        failed = sum(one is None for one in groups)
        if failed:
            work.warnings.append(f"{failed} samples could not be grouped; their words stand for themselves")
    return Grouped(
        [samples[place] for place in keep],
        [truth[place] for place in keep],
        [given[place] for place in keep],
        groups,
        how,
        [why[place] for place in keep],
    )


def _as_written(value: Any, read: Labels) -> Labels:
    return tolerant_list(value) if value is not None and looks_like_list(value) else read


def _list_cell(one: Sample) -> Any:
    column = seek(one.truth, LISTS)
    return None if column is None else one.truth[column]


def _released(samples: Sequence[Sample], path: Path) -> dict[str, Any] | None:
    named = {}
    for one in samples:
        column = seek(one.truth, ("groups", "synonyms", "synonym"))
        if column is not None and one.truth[column] not in (None, ""):
            named[one.id] = one.truth[column]
    return named or synonym_groups(path)


def _set_part(held: Grouped, work: Work, official: bool) -> Part:
    options = work.options
    settings: dict[str, Any] = {"synonyms": held.groups, "strip": not official}
    scores = tuple(
        evaluate(name, held.truth, held.given, rounds=options.rounds, rng=options.seed, **settings) for name in METRICS
    )
    found = set_level(held.truth, held.given, held.groups, strip=not official)
    empty = len(held.truth) - found.scored
    if empty:
        work.warnings.append(f"{empty} of {len(held.truth)} references name no emotion; not scored")
    floors = {}
    if held.how.startswith("wheel"):
        frequent = most_frequent(held.truth, work.rules.held)
        for title, words in (
            ("majority", frequent[:1]),
            ("five basic words", FIVE_WORDS),
            ("names every label", frequent),
        ):
            floors[title] = _floor(held, list(words), work)
    readings: tuple[Reading, ...] = ()
    if options.keep:
        readings = tuple(
            _reading(held, place, found.sample_accuracy, found.sample_recall) for place in range(len(held.samples))
        )
    return Part("set level", scores, floors, readings)


def _floor(held: Grouped, words: list[str], work: Work) -> tuple[Score, ...]:
    same: list[Labels] = [words] * len(held.truth)
    groups = wheel_groups(OFFLINE_GROUPING, work.rules.held)(united(held.truth, same))
    return tuple(evaluate(name, held.truth, same, rounds=0, synonyms=groups) for name in METRICS)


def _reading(held: Grouped, place: int, accuracy: Any, recall: Any) -> Reading:
    value = (accuracy[place] + recall[place]) / 2
    merged = [f"the same: {', '.join(group)}" for group in held.groups[place] or () if len(group) > 1]
    one = held.samples[place]
    text = text_of(one.answer)
    why = (*held.why[place], *merged)
    return Reading(
        one.id, text, tuple(held.truth[place]), tuple(held.given[place]), None if np.isnan(value) else float(value), why
    )


def _overlaps(
    samples: Sequence[Sample], grouped: Grouped, rate: Rate | None, rate_labels: Rate | None, judge: Judge | None,
    work: Work,
) -> list[Part]:  # fmt: skip
    """Clue and label overlap from 1 to 10, from the judge or from replies that the predictions' row holds."""
    scores = []
    if rate is not None:
        pairs = [(place, _described(one.truth), one.answer) for place, one in enumerate(samples)]
        asked = [(text, str(answer)) for _, text, answer in pairs if text and answer]
        if asked:
            scores.append(_rated("clue_overlap", rate(asked), work))
        else:
            work.warnings.append("no clue overlap: the reference holds no description")
    if rate_labels is not None:
        lists = [(", ".join(a), ", ".join(b)) for a, b in zip(grouped.truth, grouped.given, strict=True) if a]
        scores.append(_rated("label_overlap", rate_labels(lists), work))
    for metric, names in (
        ("clue_overlap", ("clue_score", "clue_reply")),
        ("label_overlap", ("label_score", "label_reply")),
    ):
        cells = [one.row[column] for one in samples if (column := seek(one.row, names)) is not None]
        if cells and judge is None:
            scores.append(_rated(metric, [str(cell) for cell in cells], work))
    if work.options.replicate == "emer-v1" and not scores:
        raise RequestError("emer-v1 is judged: name a judge, or give its replies in columns clue_score and label_score")
    return [Part("judged overlap", tuple(scores))] if scores else []


def _rated(metric: str, replies: Sequence[str | None], work: Work) -> Score:
    """Mean of the numbers in the replies, with an interval; replies without one are left out and counted."""
    values, failed = [], 0
    for reply in replies:
        value = _number(reply, work.options.replicate == "emer-v1")
        failed += value is None
        values += [] if value is None else [value]
    if failed:
        work.warnings.append(f"{metric}: {failed} of {len(replies)} replies hold no score from 1 to 10; left out")
    if not values:
        return Score(metric, float("nan"), note="no reply could be read")
    span = None
    if work.options.rounds and len(values) > 1:
        sums = mean_of(np.asarray(values))
        drawn = np.concatenate(
            [sums.value(totals) for totals in resampled(sums, None, work.options.rounds, work.options.seed)]
        )
        span = interval(drawn)
    return Score(metric, float(np.mean(values)), span, len(values), note="1 to 10; compare within one judge only")


def _number(reply: str | None, official: bool) -> float | None:
    if reply is None or not official:
        return marked_score(reply)
    try:
        return first_number(reply)
    except PublishedStop:
        return None


def _described(row: Mapping[str, Any]) -> str:
    column = seek(row, TEXTS)
    return "" if column is None else text_of(row[column])


def _size_told(count: int) -> list[str]:
    return [f"{count} clips, the size of {SIZES[count]}"] if count in SIZES else []
