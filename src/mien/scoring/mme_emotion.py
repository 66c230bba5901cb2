"""MME-Emotion: recognition, reasoning and chain-of-thought scores of eight tasks.

MME-Emotion: A Holistic Evaluation Benchmark for Emotional Intelligence in Multimodal Large Language Models, arXiv
2508.09210, FunAudioLLM/MME-Emotion @0c265d8. Three ways: a file with the judge's replies is read; a judge is asked
(step extractor and judge of steps); without either the answers' labels are matched, which gives recognition alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mien.errors import RequestError
from mien.metrics import Score
from mien.scoring.judge import Judge, open_judge
from mien.scoring.judge import told as judge_told
from mien.scoring.measure import choice, measure
from mien.scoring.mme_entries import Entry, read_entries, with_labels
from mien.scoring.mme_offline import choices_of, match
from mien.scoring.mme_parts import Judged, judged_part, judged_scores, matched_part, read_replies
from mien.scoring.mme_replies import REPLY_READERS, clamped, fraction, reply_reader
from mien.scoring.mme_roles import judged as ask_judge
from mien.scoring.mme_roles import told as roles_told
from mien.scoring.mme_tables import MERGED
from mien.scoring.mme_tasks import TASKS
from mien.scoring.result import Options, Part, ScoreResult

REPLICATE = ("mme-emotion",)
MEAN_NOTE = "plain mean over tasks; the published overall row pools all entries instead"
POOL_NOTE = "all entries of all tasks pooled, as published"


def score(predictions: Path, reference: Path | None, options: Options, *, judge: Judge | None = None) -> ScoreResult:
    """Scores per task and pooled, with the mean of tasks, values per reference label, and floors.

    predictions: a file or folder as `read_entries` takes it; judge: instead of the one that `options` names. The weight
    of recognition in cot is `options.alpha`, 0.5 where that is None. Default: fractions clamped to [0, 1], read over
    line breaks, unreadable replies count as 0 and the figures over the readable ones stand beside.
    `replicate="mme-emotion"`: the published readers per task, unreadable replies left out, category rows merged by the
    published list, and a judge that also extracts the steps.
    Raises RequestError, InputError, DataError.
    """
    choice(options.replicate, REPLICATE, "rule set")
    choice(options.edition, (), "edition")
    alpha = 0.5 if options.alpha is None else options.alpha
    if not 0 <= alpha <= 1:
        raise RequestError(f"alpha is {alpha}; allowed: 0 (reasoning alone) to 1 (recognition alone)")
    entries, warnings = _load(predictions, reference)
    asked = judge or open_judge(options)
    if asked is not None:
        entries = ask_judge(entries, asked, extract=options.replicate is not None)
        warnings += [*roles_told(entries), *judge_told(asked)]
    if options.replicate is not None and not any(entry.judged for entry in entries):
        raise RequestError("the published scores need a judge: name one with --judge, or score a file with its replies")
    if any(entry.judged for entry in entries):
        parts, overall, told = _judged_result(entries, options, alpha)
        process = asked.process if asked is not None else "rule: step scores read from the replies in the file"
    else:
        parts, overall, told = _matched_result(entries, options)
        process = "rule: label match (recognition only; reasoning and cot need a judge)"
    settings: dict[str, Any] = {"replicate": options.replicate, "alpha": alpha, "unreadable": _fate(options)}
    if asked is not None:
        settings |= {"steps": "extracted by the judge" if options.replicate else "native", **asked.settings}
    settings |= {"rounds": options.rounds, "seed": options.seed}
    return ScoreResult("mme-emotion", process, settings, tuple(parts), overall, (*warnings, *told))


def _load(predictions: Path, reference: Path | None) -> tuple[list[Entry], list[str]]:
    entries = read_entries(predictions, labelled=reference is None)
    if reference is None:
        return entries, []
    return with_labels(entries, read_entries(reference), predictions)


def _fate(options: Options) -> str:
    return "skip" if options.replicate is not None else options.unreadable


def _by_task(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Entries by task: the eight in published order, then others as they come."""
    names = list(dict.fromkeys(entry.task.name for entry in entries))
    names.sort(key=lambda name: list(TASKS).index(name) if name in TASKS else len(TASKS))
    return [(name, [entry for entry in entries if entry.task.name == name]) for name in names]


def _judged_result(
    entries: Sequence[Entry], options: Options, alpha: float
) -> tuple[list[Part], tuple[Score, ...], list[str]]:
    published, skip = options.replicate is not None, _fate(options) == "skip"
    parts: list[Part] = []
    for name, group in _by_task(entries):
        found = read_replies(group, reply_reader(group[0].task.reader) if published else clamped)
        kept = [one for one in found if one.readable] if skip else found
        merge = (MERGED if name == "ER-Wild" else {}) if published else None
        parts.append(judged_part(name, kept, options, alpha, merge=merge))
        if not skip and not all(one.readable for one in found):
            readable = [one for one in found if one.readable]
            parts.append(Part(f"{name}, readable only", judged_scores(readable, options, alpha)))
    pooled = read_replies(entries, fraction if published else clamped)
    kept = [one for one in pooled if one.readable] if skip else pooled
    overall = _pooled(judged_scores(kept, options, alpha), len(parts))
    mains = [part for part in parts if not part.name.endswith(", readable only")]
    parts += _mean_of_tasks(mains)
    if options.readers == "all":
        parts += [_reader_part(name, entries, options, alpha) for name in REPLY_READERS]
    return parts, overall, [*_told(pooled, skip), *_agreement(pooled)]


def _matched_result(entries: Sequence[Entry], options: Options) -> tuple[list[Part], tuple[Score, ...], list[str]]:
    parts: list[Part] = []
    told: list[str] = []
    for name, group in _by_task(entries):
        part, found = matched_part(name, group, options)
        parts.append(part)
        lost = [entry.id for entry, one in zip(group, found, strict=True) if not one.readable]
        if lost:
            fate = "left out" if options.unreadable == "skip" else "counted as wrong"
            told.append(f"{name}: {len(lost)} of {len(group)} answers name no label or several ({_some(lost)}); {fate}")
    values = [(reading,) for reading in _recognitions(entries, options)]
    overall = _pooled(measure(("recognition",), values, values, options), len(parts))
    return [*parts, *_mean_of_tasks(parts)], overall, told


def _pooled(scores: tuple[Score, ...], tasks: int) -> tuple[Score, ...]:
    note = POOL_NOTE if tasks > 1 else ""
    return (replace(scores[0], note="; ".join(filter(None, (note, scores[0].note)))), *scores[1:])


def _recognitions(entries: Sequence[Entry], options: Options) -> list[float]:
    values = []
    for _, group in _by_task(entries):
        choices = choices_of(group)
        found = [match(entry, choices) for entry in group]
        values += [one.recognition for one in found if options.unreadable != "skip" or one.readable]
    return values


def _mean_of_tasks(parts: Sequence[Part]) -> list[Part]:
    """Each score that every task has, averaged over tasks."""
    if len(parts) < 2:
        return []
    shared = [one.metric for one in parts[0].scores if all(_value(part, one.metric) is not None for part in parts)]
    scores = []
    for metric in shared:
        values = [value for part in parts if (value := _value(part, metric)) is not None]
        scores.append(
            Score(metric, sum(values) / len(values), n=sum(part.scores[0].n for part in parts), note=MEAN_NOTE)
        )
    return [Part("mean of tasks", tuple(scores))]


def _value(part: Part, metric: str) -> float | None:
    return next((one.value for one in part.scores if one.metric == metric), None)


def _reader_part(name: str, entries: Sequence[Entry], options: Options, alpha: float) -> Part:
    """All entries under one reader, unreadable replies left out as published; strict scores may exceed 1."""
    found = [one for one in read_replies(entries, reply_reader(name)) if one.readable]
    return Part(f"reader {name}", judged_scores(found, options, alpha))


def _told(judged: Sequence[Judged], skip: bool) -> list[str]:
    told = []
    missing = [one.entry.id for one in judged if not one.entry.reply]
    lost = [one.entry.id for one in judged if one.entry.reply and not one.readable]
    fate = "left out" if skip else "counted as 0"
    for ids, what in ((missing, "entries have no reply of the judge"), (lost, "replies hold no readable score")):
        if ids:
            told.append(f"{len(ids)} of {len(judged)} {what} ({_some(ids)}); {fate}")
    mended = [one.entry.id for one in judged if one.read is not None and one.read.why]
    if mended:
        told.append(f"{len(mended)} replies were mended or have strange scores ({_some(mended)}); see --explain")
    single = sum(one.readable and len(one.values) == 1 for one in judged)
    if single:
        told.append(
            f"{single} of {len(judged)} answers have one step: their reasoning is 0, so cot is half of recognition"
        )
    return told


def _agreement(judged: Sequence[Judged]) -> list[str]:
    """How often label match says of the last step what the judge says, where the file holds answers."""
    same = total = 0
    for _, group in _by_task([one.entry for one in judged if one.readable and one.entry.answer is not None]):
        choices = choices_of(group)
        values = {id(one.entry): one.values[-1] for one in judged}
        for entry in group:
            total += 1
            same += abs(match(entry, choices).recognition - values[id(entry)]) < 1e-9
    if not total:
        return []
    return [f"label match, the offline rule, gives the judge's recognition score on {same} of {total} answers"]


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
