"""The steps of `steps.py` done by a judge; the offline rule of each stands beside it in its docstring.

Every function takes a judge and gives a callable of the type its scorer asks for. A sample that got no usable reply
has None in its place; the judge's tally says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from mien.scoring.beside import beside, extract_rule, group_rule, polarity_rule, rate_rule
from mien.scoring.judge import Failure, Judge, Prompt, WithPictures
from mien.scoring.native import own_steps as native_steps
from mien.scoring.prompts import (
    extract_prompt,
    grade_prompt,
    group_prompt,
    polarity_prompt,
    rate_prompt,
    split_prompt,
)
from mien.scoring.replyread import (
    ask_read,
    read_groups,
    read_labels,
    read_polarity,
    read_rating,
    read_scores,
    read_steps,
)
from mien.scoring.steps import Extract, Group, Labels, Polarity, Rate

__all__ = [
    "Case",
    "extract_by",
    "grade_by",
    "group_by",
    "native_steps",
    "polarity_by",
    "rate_by",
    "split_by",
]

Value = TypeVar("Value")
MOST_FRAMES = 10


def extract_by(judge: Judge) -> Extract:
    """Labels out of free text by a judge. An empty answer names no emotion and is not asked. Offline: the lexicon."""

    def extract(answers: Sequence[str]) -> list[Labels | None]:
        places = [place for place, answer in enumerate(answers) if answer.strip()]
        found = ask_read(judge, "extract", [(extract_prompt(answers[place]), read_labels) for place in places])
        beside(judge, "extract", found, extract_rule([answers[place] for place in places]))
        return _placed(places, found, [() for _ in answers])

    return extract


def group_by(judge: Judge) -> Group:
    """Groups of the same meaning by a judge. Fewer than two words are not asked. Offline: the wheels' groups."""

    def group(samples: Sequence[Labels]) -> list[Sequence[Labels] | None]:
        sets = [tuple(dict.fromkeys(words)) for words in samples]
        places = [place for place, words in enumerate(sets) if len(words) > 1]
        # Sorted, so that order and origin of the words (reference or prediction) cannot sway the judge.
        asked = [
            (group_prompt(sorted(sets[place])), partial(read_groups, words=sorted(sets[place]))) for place in places
        ]
        alone: list[Sequence[Labels]] = [tuple((word,) for word in words) for words in sets]
        found = ask_read(judge, "group", asked)
        beside(judge, "group", found, group_rule([sets[place] for place in places]))
        return _placed(places, found, alone)

    return group


def polarity_by(judge: Judge) -> Polarity:
    """The sentiment of label lists by a judge. No labels are neutral, as published. Offline: `polarity.offline`."""

    def polarity(samples: Sequence[Labels]) -> list[str | None]:
        places = [place for place, labels in enumerate(samples) if labels]
        found = ask_read(judge, "polarity", [(polarity_prompt(samples[place]), read_polarity) for place in places])
        beside(judge, "polarity", found, polarity_rule([samples[place] for place in places]))
        return _placed(places, found, ["neutral" for _ in samples])

    return polarity


def rate_by(judge: Judge, *, labels: bool = False) -> Rate:
    """Overlap of clues (or of labels) from 1 to 10 by a judge; replies come back as written. Offline: set overlap."""

    def rate(pairs: Sequence[tuple[str, str]]) -> list[str | None]:
        role = "rate-labels" if labels else "rate-clues"
        asked = [(rate_prompt(reference, answer, labels=labels), _rated) for reference, answer in pairs]
        found = ask_read(judge, role, asked)
        beside(judge, role, found, rate_rule(pairs))
        return _placed(range(len(pairs)), found, ["" for _ in pairs])

    return rate


def _rated(reply: str) -> str:
    read_rating(reply)
    return reply


@dataclass(frozen=True, slots=True)
class Case:
    """One answer of MME-Emotion to be judged.

    answer: of the model under test; labels: the reference (several for FG-ER and ML-ER); what: "emotion", "emotions",
    "sentiment" or "intent"; levels: strength counts too (FG-SA); clue: what is heard, written beforehand by an audio
    model; frames: pictures, one a second, of which the first ten are shown; steps: where the answer is split already.
    """

    answer: str
    labels: tuple[str, ...]
    what: str = "emotion"
    levels: bool = False
    clue: str = ""
    frames: tuple[Path, ...] = ()
    steps: tuple[str, ...] = ()


def split_by(judge: Judge, cases: Sequence[Case]) -> list[tuple[str, ...] | Failure]:
    """The steps of every answer by a judge (role: step extractor). Offline: `native_steps`."""
    places = [place for place, case in enumerate(cases) if not case.steps]
    asked = [(split_prompt(cases[place].answer, what=cases[place].what), read_steps) for place in places]
    results: list[tuple[str, ...] | Failure] = [case.steps for case in cases]
    replies = ask_read(judge, "split", asked)
    beside(judge, "split", replies, [cases[place].answer for place in places])
    for place, found in zip(places, replies, strict=True):
        results[place] = found
    return results


def grade_by(judge: Judge, cases: Sequence[Case]) -> list[str | Failure]:
    """The judge's scores of every answer in the published form (`<score>Step 1: 1/1, …</score>`).

    Splits first where `steps` are not given; a case whose steps could not be had keeps that failure.
    """
    results: list[str | Failure] = [Failure("grade", "not asked", 0) for _ in cases]
    places, asked = [], []
    for place, (case, steps) in enumerate(zip(cases, split_by(judge, cases), strict=True)):
        if isinstance(steps, Failure):
            results[place] = steps
            continue
        places.append(place)
        asked.append((_shown(case, steps), partial(read_scores, count=len(steps))))
    for place, found in zip(places, ask_read(judge, "grade", asked), strict=True):
        results[place] = found
    return results


def _shown(case: Case, steps: Sequence[str]) -> Prompt:
    frames = case.frames[:MOST_FRAMES]
    text = grade_prompt(steps, case.labels, clue=case.clue, what=case.what, levels=case.levels, pictures=len(frames))
    return WithPictures(text, frames) if frames else text


def _placed(places: Sequence[int], found: Sequence[Value | Failure], rest: list[Value]) -> list[Value | None]:
    """The results at their places, None for failures, `rest` where nothing was asked."""
    results: list[Value | None] = list(rest)
    for place, value in zip(places, found, strict=True):
        results[place] = None if isinstance(value, Failure) else value
    return results
