"""The eight tasks of MME-Emotion: what is asked, from which data sets, over which labels, how the last step counts.

arXiv 2508.09210; data card and FunAudioLLM/MME-Emotion @0c265d8. The labels are those of the source data sets; a file
that names the choices of each question (`label_set`) goes before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mien.affect.names import alias
from mien.errors import RequestError
from mien.scoring.wordforms import forms_of

Asked = Literal["emotion", "emotions", "sentiment", "intent"]


@dataclass(frozen=True, slots=True)
class Task:
    """One task.

    name: as published; what: what is asked ("emotions": several at once, the last step counts C of K); levels: strength
    counts too; sources: data sets; labels: what may be named; reader: the published reader of its judged file.
    """

    name: str
    what: Asked
    sources: tuple[str, ...]
    labels: tuple[str, ...]
    reader: str = "strict"
    levels: bool = False

    @property
    def several(self) -> bool:
        """Whether a question may have several right labels."""
        return self.what == "emotions"


_WILD = "anger disgust fear happiness neutral sadness surprise contempt anxiety helplessness disappointment"
_LAB = "angry happy sad neutral frustrated excited surprise fear disgust"
_BODY = (
    "Affection Anger Annoyance Anticipation Aversion Confidence Disapproval Disconnection Disquietment Doubt/Confusion "
    "Embarrassment Engagement Esteem Excitement Fatigue Fear Happiness Pain Peace Pleasure Sadness Sensitivity "
    "Suffering Surprise Sympathy Yearning"
)
_INTENT = "questioning agreeing acknowledging encouraging consoling suggesting wishing neutral"
STRENGTHS = ("weak", "", "strong", "very strong")
LEVELS = (
    *(f"{strength} negative".strip() for strength in reversed(STRENGTHS)),
    "neutral",
    *(f"{strength} positive".strip() for strength in STRENGTHS),
)
"""The nine answers of FG-SA from very strong negative to very strong positive."""

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task("ER-Lab", "emotion", ("IEMOCAP",), tuple(_LAB.split())),
        Task("ER-Wild", "emotion", ("CAER", "MC-EIU", "E3", "MELD", "DFEW", "MAFW"), tuple(_WILD.split())),
        Task("Noise-ER", "emotion", ("MER2024-Noise",), ("neutral", "angry", "happy", "sad", "worried", "surprise")),
        Task("FG-ER", "emotions", ("BoLD",), tuple(_BODY.split()), "fraction"),
        Task("ML-ER", "emotions", ("MAFW", "CMU-MOSEI"), tuple(_WILD.split()), "fraction"),
        Task("SA", "sentiment", ("CMU-MOSEI", "CMU-MOSI", "MELD", "CH-SIMS v2"), ("negative", "neutral", "positive")),
        Task("FG-SA", "sentiment", ("CMU-MOSI",), LEVELS, levels=True),
        Task("IR", "intent", ("MC-EIU",), tuple(_INTENT.split())),
    )
}

_SPELT = {re.sub(r"[^a-z]", "", name.lower()): name for name in TASKS} | {"erslwild": "ER-Wild"}


def find_task(text: object) -> Task | None:
    """The task that a cell or a file name means ("er-lab", "ER_SL_Wild_gpt4o_eval"); None where it means none."""
    parts = [part for part in re.split(r"[^a-z]+", str(text).lower()) if part]
    for length in (3, 2, 1):
        for start in range(len(parts) - length + 1):
            name = _SPELT.get("".join(parts[start : start + length]))
            if name:
                return TASKS[name]
    return None


def task_named(text: str) -> Task:
    """The task of that name; RequestError lists what is allowed."""
    found = find_task(text)
    if found is None:
        raise RequestError(f"unknown task {text!r}; allowed: {', '.join(TASKS)}")
    return found


def unknown_task(what: str, labels: Sequence[str]) -> Task:
    """A task for a file that names none: one emotion, or several where a reference names several."""
    several = any(len(split_labels(label)) > 1 for label in labels)
    return Task(what, "emotions" if several else "emotion", (), (), "fraction" if several else "strict")


def split_labels(written: object) -> tuple[str, ...]:
    """The labels of a reference cell: a list, or text with commas, semicolons or bars; each once, in order.

    >>> split_labels("Anticipation, Fear")
    ('Anticipation', 'Fear')
    """
    cells = written if isinstance(written, (list, tuple)) else re.split(r"[,;|、，；]", str(written).strip("[]() "))
    return tuple(dict.fromkeys(cell for cell in (str(one).strip(" '\"\t\n") for one in cells) if cell))


def common(label: str) -> str:
    """One name for the spellings of a label, through the label space.

    >>> common("Happy"), common("joyful"), common("worried")
    ('happiness', 'happiness', 'worried')
    """
    return _COMMON.get(label.strip().lower(), alias(label))


_COMMON = {form: alias(name) for form, name in forms_of((*_WILD.split(), "frustrated", "excited", "worried")).items()}
