"""Recognition without a judge: the labels an answer names against the reference (rule "label match").

Single labels: right or wrong. Several: C of K as the published judge counts, which naming everything satisfies, so
precision and F stand beside it. FG-SA: the exact level, with the share within one level beside it. Reasoning needs a
judge and is not scored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mien.scoring.closed import Read, read_label, read_labels
from mien.scoring.mme_entries import Entry
from mien.scoring.mme_tasks import LEVELS, common
from mien.scoring.negation import find_hits
from mien.scoring.tags import answer_part

_STRENGTHS = {
    **dict.fromkeys(("weak", "weakly", "slight", "slightly", "mild", "mildly"), "weak"),
    **dict.fromkeys(("strong", "strongly"), "strong"),
    **dict.fromkeys(("very", "very strong", "very strongly", "extremely", "extremely strong"), "very strong"),
    **dict.fromkeys(("", "moderate", "moderately"), ""),
}
_LEVEL_FORMS = {
    f"{word} {sign}".strip(): f"{strength} {sign}".strip()
    for word, strength in _STRENGTHS.items()
    for sign in ("positive", "negative")
} | {"neutral": "neutral"}


@dataclass(frozen=True, slots=True)
class Match:
    """What label match gives one answer.

    recognition: 1 or 0, or C/K; named: common names of the labels read; truth: common names of the reference;
    distance: levels between answer and reference (FG-SA), None elsewhere or where no level was read; readable; why.
    """

    recognition: float
    named: tuple[str, ...]
    truth: tuple[str, ...]
    readable: bool
    why: tuple[str, ...]
    distance: int | None = None


def match(entry: Entry, choices: Sequence[str]) -> Match:
    """Label match of one entry; choices: labels that may be named (`choices_of`)."""
    answer = entry.answer or ""
    if entry.task.levels:
        return _level_match(answer, entry.labels[0])
    truth = tuple(dict.fromkeys(common(label) for label in entry.labels))
    read = read_labels(answer, choices) if entry.task.several else read_label(answer, choices)
    named = tuple(common(label) for label in read.named)
    if entry.task.several:
        hits = len(set(named) & set(truth))
        return Match(hits / len(truth), named, truth, read.status == "ok", (*read.why, f"{hits} of {len(truth)} named"))
    right = read.label is not None and common(read.label) == truth[0]
    return Match(float(right), named, truth, read.status == "ok", read.why)


def choices_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The labels that answers of a task may name: those each question offered, else the task's and the reference's.

    One spelling of each: the first.
    """
    offered = [label for entry in entries for label in entry.choices]
    known = offered or list(entries[0].task.labels if entries else ())
    everything = [*known, *(label for entry in entries for label in entry.labels)]
    return tuple({common(label): label for label in reversed(everything)}.values())[::-1]


def read_level(answer: str) -> Read:
    """The level of a sentiment answer ("strongly positive", "weak negative", "neutral"); several = ambiguous."""
    text, note = answer_part(answer)
    hits = find_hits(re.sub(r"[\s-]+", " ", text), _LEVEL_FORMS)
    named = [hit.label for hit in hits if not hit.negation]
    different = tuple(dict.fromkeys(named))
    why = tuple(filter(None, (note, f"reads {', '.join(different)}" if different else "names no level")))
    if len(different) == 1:
        return Read(different[0], "ok", different, why)
    return Read(None, "ambiguous" if different else "none", different, why)


def _level_match(answer: str, reference: str) -> Match:
    wanted, read = read_level(reference), read_level(answer)
    truth = wanted.label or reference.strip().lower()
    distance = None
    if read.label is not None and truth in LEVELS:
        distance = abs(LEVELS.index(read.label) - LEVELS.index(truth))
    return Match(float(read.label == truth), read.named, (truth,), read.status == "ok", read.why, distance)
