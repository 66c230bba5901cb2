"""MME-Emotion's agents over a judge: the step extractor and the judge of steps; replies come back as text.

The model under test and the audio model that writes the clues have done their part beforehand: their texts are in the
files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mien.scoring.assisted import Case, grade_by, native_steps
from mien.scoring.judge import Failure, Judge
from mien.scoring.mme_entries import Entry
from mien.scoring.replyread import Unread, read_steps


def judged(entries: Sequence[Entry], judge: Judge, *, extract: bool) -> list[Entry]:
    """The entries with the judge's replies; an entry whose reply could not be had keeps None.

    extract: a model splits the answers (published), else the answer's own lines and sentences are the steps, which
    invents none. Steps that the file holds are used as they are. An entry without an answer is not asked.
    """
    places = [place for place, entry in enumerate(entries) if (entry.answer or "").strip()]
    replies = grade_by(judge, [_case(entries[place], extract) for place in places])
    result = [replace(entry, reply=None, judged=True) for entry in entries]
    for place, reply in zip(places, replies, strict=True):
        if not isinstance(reply, Failure):
            result[place] = replace(result[place], reply=reply)
    return result


def told(entries: Sequence[Entry]) -> list[str]:
    """What the judge could not see or hear, counted."""
    deaf = sum(not entry.clue for entry in entries)
    blind = sum(not entry.frames for entry in entries)
    lines = [(deaf, "no audio clue (the published code drops them)"), (blind, "no frames")]
    return [f"{count} of {len(entries)} entries have {what}; the judge was told so" for count, what in lines if count]


def _case(entry: Entry, extract: bool) -> Case:
    answer = entry.answer or ""
    steps = _given(entry.steps) or (() if extract else native_steps(answer) or (answer.strip(),))
    task = entry.task
    return Case(answer, entry.labels, task.what, task.levels, entry.clue, entry.frames, steps)


def _given(text: str) -> tuple[str, ...]:
    """Steps that an extractor wrote beforehand; () where there are none or they cannot be read."""
    if not text.strip():
        return ()
    try:
        # Released files hold all steps on one line.
        return tuple(read_steps(re.sub(r"\s+(?=step\s*\d+\s*[:：])", "\n", text, flags=re.IGNORECASE)))
    except Unread:
        return ()
