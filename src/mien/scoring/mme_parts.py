"""One task of MME-Emotion as a part of a result: judged replies, or label match where there are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mien.metrics import Score
from mien.metrics.arrays import Numbers
from mien.scoring.measure import measure
from mien.scoring.mme_entries import Entry
from mien.scoring.mme_offline import Match, choices_of, match
from mien.scoring.mme_replies import ReplyReader, StepScores
from mien.scoring.mme_tasks import LEVELS, common
from mien.scoring.native import own_steps
from mien.scoring.result import Options, Part, Reading

JUDGED = ("recognition", "reasoning", "cot", "steps")
UNREAD = (0.0,)
Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry with what was read from its reply (None: unreadable or no reply)."""

    entry: Entry
    read: StepScores | None

    @property
    def values(self) -> tuple[float, ...]:
        """The step scores; one step of 0 where nothing could be read."""
        return self.read.values if self.read is not None and self.read.values else UNREAD

    @property
    def readable(self) -> bool:
        """Whether the reply held a score."""
        return self.read is not None and bool(self.read.values)


def read_replies(entries: Sequence[Entry], reader: ReplyReader) -> list[Judged]:
    """The step scores of every entry; a missing reply is unreadable."""
    return [Judged(entry, reader(entry.reply) if entry.reply else None) for entry in entries]


def judged_scores(
    judged: Sequence[Judged], options: Options, alpha: float, *, rounds: int | None = None
) -> tuple[Score, ...]:
    """Recognition, reasoning, cot over all of them (unreadable = 0), and steps over the readable ones."""
    settings = {"cot": {"alpha": alpha}}
    values = [one.values for one in judged]
    scores = measure(JUDGED[:3], values, values, options, settings=settings, rounds=rounds)
    readable = [one.values for one in judged if one.readable]
    lost = len(judged) - len(readable)
    note = (
        f"{lost} of {len(judged)} replies could not be read and count as 0; see the part 'readable only'"
        if lost
        else ""
    )
    return (
        replace(scores[0], note=note or scores[0].note),
        *scores[1:],
        *measure(("steps",), readable, readable, options, rounds=rounds),
    )


def judged_part(
    name: str, judged: Sequence[Judged], options: Options, alpha: float, *, merge: Mapping[str, str] | None
) -> Part:
    """One task: scores with a value per reference label, floors, readings.

    merge: spelling -> row of the labels that share one (the published list), None: through the label space.
    """
    scores = judged_scores(judged, options, alpha)
    rows: dict[str, list[tuple[float, ...]]] = {}
    for one in judged:
        rows.setdefault(_category(one.entry, merge), []).append(one.values)
    bare = replace(options, rounds=0)
    cells = {
        label: measure(JUDGED, values, values, bare, settings={"cot": {"alpha": alpha}})
        for label, values in rows.items()
    }
    parted = tuple(
        replace(score, per_class={label: cells[label][place].value for label in sorted(rows)} if place < 3 else {})
        for place, score in enumerate(scores)
    )
    entries = [one.entry for one in judged]
    return Part(
        name=name,
        scores=(*parted, *_beside(entries, options)),
        floors=_judged_floors(entries, options, alpha),
        readings=_judged_readings(judged, alpha) if options.keep else (),
    )


def matched_part(name: str, entries: Sequence[Entry], options: Options) -> tuple[Part, list[Match]]:
    """One task by label match: recognition, what stands beside it, floors, readings."""
    choices = choices_of(entries)
    found = [match(entry, choices) for entry in entries]
    kept = [place for place, one in enumerate(found) if options.unreadable != "skip" or one.readable]
    chosen, matches = [entries[place] for place in kept], [found[place] for place in kept]
    values = [_padded(entry, one) for entry, one in zip(chosen, matches, strict=True)]
    scores = measure(("recognition", "steps"), values, values, options)
    part = Part(
        name=name,
        scores=(*scores, *_beside(chosen, options)),
        floors=_matched_floors(chosen, choices, options),
        readings=tuple(map(_matched_reading, entries, found)) if options.keep else (),
        confusion=_confusion(matches) if chosen and not chosen[0].task.several else None,
    )
    return part, found


def _category(entry: Entry, merge: Mapping[str, str] | None) -> str:
    if merge is not None:
        label = ", ".join(entry.labels)
        return merge.get(label, label)
    return ", ".join(sorted({common(label) for label in entry.labels}))


def _padded(entry: Entry, one: Match) -> tuple[float, ...]:
    """Recognition as the last of the answer's own steps, so that steps are counted; the earlier ones are not scored."""
    return (*(0.0,) * (max(1, len(own_steps(entry.answer or ""))) - 1), one.recognition)


def _beside(entries: Sequence[Entry], options: Options) -> tuple[Score, ...]:
    """What recognition alone hides, by label match: precision and F of several labels, one level off in FG-SA."""
    if not entries or all(entry.answer is None for entry in entries):
        return ()
    task, choices = entries[0].task, choices_of(entries)
    if not (task.several or task.levels):
        return ()
    found = [match(entry, choices) for entry in entries]
    if task.levels:
        away = [99 if one.distance is None else one.distance for one in found]
        return measure(("accuracy_within_1",), [0] * len(away), away, options)
    tables = _indicators([one.truth for one in found], [one.named for one in found])
    return measure(("samples_precision", "samples_f1"), *tables, options)


def _indicators(truth: Sequence[Labels], named: Sequence[Labels]) -> tuple[Numbers, Numbers]:
    labels = sorted({label for names in (*truth, *named) for label in names})
    return (
        np.array([[label in names for label in labels] for names in truth], dtype=np.float64),
        np.array([[label in names for label in labels] for names in named], dtype=np.float64),
    )


def _judged_floors(entries: Sequence[Entry], options: Options, alpha: float) -> dict[str, tuple[Score, ...]]:
    """Answers of one step without reasons: the most frequent label; every label, where several may be right."""
    if not entries:
        return {}
    truths = [{common(label) for label in entry.labels} for entry in entries]
    top = Counter(label for truth in truths for label in sorted(truth)).most_common(1)[0][0]
    answers = {"majority": [(len({top} & truth) / len(truth),) for truth in truths]}
    if entries[0].task.several:
        answers["names every label"] = [(1.0,)] * len(entries)
    settings = {"cot": {"alpha": alpha}}
    bare = replace(options, rounds=0)
    return {name: measure(JUDGED, values, values, bare, settings=settings) for name, values in answers.items()}


def _matched_floors(entries: Sequence[Entry], choices: Sequence[str], options: Options) -> dict[str, tuple[Score, ...]]:
    if not entries:
        return {}
    top = Counter(label for entry in entries for label in entry.labels).most_common(1)[0][0]
    bare = replace(options, rounds=0)
    floors = {}
    for name, answer in (("majority", top), ("names every label", ", ".join(choices))):
        same = [replace(entry, answer=answer, choices=()) for entry in entries]
        values = [(match(entry, choices).recognition,) for entry in same]
        scores = measure(("recognition", "steps"), values, values, bare)
        floors[name] = (*scores, *_beside_choices(same, choices, bare))
    return floors


def _beside_choices(entries: Sequence[Entry], choices: Sequence[str], options: Options) -> tuple[Score, ...]:
    return _beside([replace(entry, choices=tuple(choices)) for entry in entries], options)


def _confusion(found: Sequence[Match]) -> tuple[Labels, tuple[tuple[int, ...], ...]]:
    pairs = Counter((one.truth[0], one.named[0] if one.readable else "(none)") for one in found)
    labels = [label for label in LEVELS if any(label in pair for pair in pairs)]
    labels += sorted({label for pair in pairs for label in pair} - {*labels, "(none)"})
    columns = (*labels, *(("(none)",) if any(said == "(none)" for _, said in pairs) else ()))
    return columns, tuple(tuple(pairs[true, said] for said in columns) for true in columns)


def _judged_readings(judged: Sequence[Judged], alpha: float) -> tuple[Reading, ...]:
    choices = choices_of([one.entry for one in judged])
    return tuple(_judged_reading(one, alpha, match(one.entry, choices).named) for one in judged)


def _judged_reading(one: Judged, alpha: float, named: Labels) -> Reading:
    entry, values = one.entry, one.values
    if one.read is None or not one.readable:
        told = ("no reply of the judge",) if not entry.reply else ("no score can be read from the judge's reply",)
        return Reading(entry.id, entry.answer or entry.reply or "", entry.labels, named, 0.0, told)
    reasons = sum(values[:-1]) / len(values[:-1]) if len(values) > 1 else 0.0
    told = (
        f"step scores {', '.join(f'{value:g}' for value in values)}",
        f"recognition {values[-1]:g}, reasoning {reasons:.3f}, cot {alpha * values[-1] + (1 - alpha) * reasons:.3f}",
        *(("one step: reasoning is 0",) if len(values) == 1 else ()),
        *one.read.why,
    )
    return Reading(entry.id, entry.answer or entry.reply or "", entry.labels, named, min(values[-1], 1.0), told)


def _matched_reading(entry: Entry, one: Match) -> Reading:
    why = ("no answer in the file",) if entry.answer is None else one.why
    return Reading(entry.id, entry.answer or "", one.truth, one.named, one.recognition, why)
