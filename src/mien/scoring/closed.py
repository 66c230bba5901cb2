"""From a free answer to one label of a closed set: Mien's default reader and the published ones, from lax to strict."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mien.errors import RequestError
from mien.scoring.negation import Hit, find_hits
from mien.scoring.tags import answer_part
from mien.scoring.wordforms import forms_of

Status = Literal["ok", "ambiguous", "none"]

_MARK = re.compile(r"(?:final answer|answer|output|prediction|答案|结果)\s*(?:is)?\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """What one reader took from one answer.

    label: the one label, None unless `status` is "ok"; status: "ok" (exactly one), "ambiguous" (several different),
    "none"; named: every label that counts, in the order of the answer; why: one line per decision.
    """

    label: str | None
    status: Status
    named: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


ClosedReader = Callable[[str, Sequence[str]], Read]


def read_label(answer: str, labels: Sequence[str]) -> Read:
    """Mien's default: whole words in their known forms, negated ones dropped, several different labels = ambiguous.

    labels: the closed set, in any spelling (`forms_of` knows happy = happiness = joy, and Chinese words). Only the
    answer part of tagged outputs is read, and what follows an answer mark where a label stands there.

    >>> read_label("She is not happy, she is sad.", ["happy", "sad"]).label
    'sad'
    >>> read_label("She is unhappy", ["happy", "sad"]).status
    'none'
    """
    text, note = answer_part(answer)
    why = [note] if note else []
    hits = _after_mark(text, labels, why)
    for hit in hits:
        why.append(
            f'"{hit.word}": ' + (f"dropped, negated by {hit.negation!r}" if hit.negation else f"kept as {hit.label}")
        )
    named = tuple(dict.fromkeys(hit.label for hit in hits if not hit.negation))
    if len(named) == 1:
        return Read(named[0], "ok", named, tuple(why))
    if named:
        return Read(None, "ambiguous", named, (*why, f"names {len(named)} labels: {', '.join(named)}"))
    return Read(None, "none", (), (*why, "names no label" if not hits else "names no label that is not negated"))


def read_labels(answer: str, labels: Sequence[str]) -> Read:
    """As `read_label`, for answers that may name several labels: "ok" where at least one is named.

    `label` is the first one; `named` holds them all.
    """
    found = read_label(answer, labels)
    return Read(found.named[0], "ok", found.named, found.why) if found.named else found


def whole_word(answer: str, labels: Sequence[str]) -> Read:
    """The strict reader: exactly one label as it is spelt, as a whole word; no forms, no negation."""
    low = answer.lower()
    named = tuple(label for label in labels if re.search(rf"(?<!\w){re.escape(label.lower())}(?!\w)", low))
    return _only(named)


def substring(answer: str, labels: Sequence[str]) -> Read:
    """Any label whose letters occur anywhere ("unhappy" names happy); exactly one."""
    return _only(tuple(label for label in labels if label.lower() in answer.lower()))


def reference_substring(answer: str, labels: Sequence[str], truth: str) -> Read:
    """Emotion-Qwen's rule on DFEW: the true label where its letters occur anywhere in the answer, else nothing.

    Naming all labels is always right (dfew_emotion_EmotionQwen.py @8c52bf3).
    """
    if truth.lower() in answer.lower():
        return Read(truth, "ok", (truth,), (f"contains the true label {truth!r}",))
    return Read(None, "none", (), (f"does not contain the true label {truth!r}",))


def last_alphabetical(answer: str, labels: Sequence[str]) -> Read:
    """Emotion-Qwen's rule on MER2024: the alphabetically last label contained; none contained = the last of all.

    An empty answer is right on every clip of that label (MER2024_emotion_qwen.py @8c52bf3).
    """
    named = sorted(label for label in labels if label.lower() in answer.lower())
    if named:
        return Read(named[-1], "ok", tuple(named), (f"alphabetically last of {', '.join(named)}",))
    last = sorted(labels)[-1]
    return Read(last, "ok", (last,), (f"names no label, which counts as {last}",))


CLOSED_READERS: dict[str, ClosedReader] = {
    "default": read_label,
    "whole-word": whole_word,
    "last-alphabetical": last_alphabetical,
    "substring": substring,
}
"""Readers that need no reference; `reference_substring` needs it and stands apart."""


def closed_reader(name: str) -> ClosedReader:
    """The reader of that name; RequestError lists what is allowed."""
    if name not in CLOSED_READERS:
        raise RequestError(f"unknown reader {name!r}; allowed: {', '.join(CLOSED_READERS)}")
    return CLOSED_READERS[name]


def _only(named: tuple[str, ...]) -> Read:
    if len(named) == 1:
        return Read(named[0], "ok", named, (f"names {named[0]}",))
    if named:
        return Read(None, "ambiguous", named, (f"names {len(named)} labels: {', '.join(named)}",))
    return Read(None, "none", (), ("names no label",))


def _after_mark(text: str, labels: Sequence[str], why: list[str]) -> list[Hit]:
    """The hits behind the last answer mark where there are any, else those of the whole text."""
    forms = forms_of(tuple(labels))
    marks = list(_MARK.finditer(text))
    if marks:
        hits = find_hits(text[marks[-1].end() :], forms)
        if hits:
            why.append(f"read after {marks[-1].group().strip()!r}")
            return hits
    return find_hits(text, forms)
