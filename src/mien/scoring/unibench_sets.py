"""The nine test sets of MER-UniBench (AffectGPT, arXiv 2501.16566, table 1): task, labels, samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mien.scoring.lists import tolerant_list

Task = Literal["openset", "hit-rate", "sentiment"]

_SIX = ("neutral", "angry", "happy", "sad", "worried", "surprise")


@dataclass(frozen=True, slots=True)
class CorpusSet:
    """name as the tables write it; task; labels of a one-label set; samples: how many the published split has."""

    name: str
    task: Task
    labels: tuple[str, ...] = ()
    samples: int | None = None
    also: tuple[str, ...] = ()


SETS = (
    CorpusSet("MER2023", "hit-rate", _SIX, 411, ("mer23", "mermulti")),
    CorpusSet("MER2024", "hit-rate", _SIX, 1169, ("mer24", "mersemi")),
    CorpusSet("MELD", "hit-rate", ("anger", "joy", "sadness", "neutral", "disgust", "fear", "surprise"), 2610),
    CorpusSet("IEMOCAP", "hit-rate", ("happy", "sad", "neutral", "anger"), 1241, ("iemocapfour",)),
    CorpusSet("CMU-MOSI", "sentiment", (), 686, ("mosi",)),
    CorpusSet("CMU-MOSEI", "sentiment", (), 4659, ("mosei",)),
    CorpusSet("CH-SIMS", "sentiment", (), 457, ("sims",)),
    CorpusSet("CH-SIMS v2", "sentiment", (), 1034, ("simsv2",)),
    CorpusSet("OV-MERD+", "openset", (), 532, ("ovmerd", "ovmerdplus", "mer2025ov", "ovmer")),
)

PRIMARY: dict[Task, str] = {"openset": "openset_f", "hit-rate": "hit_rate", "sentiment": "waf"}


def known_set(name: str) -> CorpusSet | None:
    """The set of that name, however it is spelt ("mer 2023", "CMUMOSI", "simsv2"), or None."""
    key = _key(name)
    return next((one for one in SETS if key == _key(one.name) or key in one.also), None)


def guess_task(values: Iterable[Any]) -> Task:
    """The task of references that no known name explains: all numbers, one word each, or lists."""
    kept = [value for value in values if not (value is None or str(value).strip() == "")]
    if kept and all(is_number(value) for value in kept):
        return "sentiment"
    if all(not isinstance(value, (list, tuple)) and len(tolerant_list(value)) <= 1 for value in kept) and not any(
        str(value).strip().startswith("[") for value in kept
    ):
        return "hit-rate"
    return "openset"


def is_number(value: Any) -> bool:
    """Whether a cell is a finite or infinite number, or text that spells one."""
    if isinstance(value, bool) or (isinstance(value, Sequence) and not isinstance(value, str)):
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.lower()).replace("+", "plus") if name else ""
