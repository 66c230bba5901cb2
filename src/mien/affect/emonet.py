"""EmoNet's forty emotions: the groups, the experts' label cells, and the rule from fine scores to coarse labels."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mien.affect.formulas import coarse_sums
from mien.affect.groups import EMONET_BUTTONS, EMONET_EMODB
from mien.affect.names import resolve
from mien.affect.space import SPACES
from mien.errors import RequestError

__all__ = ["BENCH_EXTRAS", "EMONET_BUTTONS", "EMONET_EMODB", "SENSITIVE", "Cell", "coarse", "read_cell", "threshold"]

# The files of the benchmark also hold clips for these two, which are none of the forty.
BENCH_EXTRAS = ("Authenticity", "Arousal")

# Shown only on request.
SENSITIVE = ("Sexual Lust", "Intoxication/Altered States of Consciousness", "Pain")

LEVELS = (0, 1, 2)
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Cell:
    """What the experts said of one clip: its one target label and each expert's level (0 absent, 1 mild, 2 intense)."""

    label: str
    levels: Mapping[str, int]

    @property
    def known(self) -> bool:
        """Whether the label is one of the forty."""
        return self.label in SPACES["emonet40"].labels

    @property
    def scores(self) -> NDArray[np.float64]:
        """The levels on the benchmark's 0 to 10 scale, shape (experts,)."""
        return np.array(list(self.levels.values()), dtype=np.float64) * 5.0

    @property
    def unanimous(self) -> bool:
        """Whether every expert heard the emotion."""
        return all(level >= 1 for level in self.levels.values())


def read_cell(text: str) -> Cell | None:
    """A label cell of the EmoNet-Voice bench files, or None where it cannot be used (count these, never guess).

    The text is a list with one entry an expert, [{'human-1': {'Shame': 2}}, ...]. It is parsed as a literal, never
    evaluated. Refused: what is no such list, an empty one, several labels, the same expert twice, levels other than
    the integers 0, 1, 2. A label outside the forty is kept by its name (`known` is False).
    """
    rows = _literal(text)
    if not isinstance(rows, list) or not rows:
        return None
    levels: dict[str, int] = {}
    labels: set[str] = set()
    for row in rows:
        entry = _entry(row)
        if entry is None or entry[0] in levels:
            return None
        levels[entry[0]] = entry[2]
        labels.add(entry[1])
    return Cell(labels.pop(), levels) if len(labels) == 1 else None


def _literal(text: object) -> object:
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _entry(row: object) -> tuple[str, str, int] | None:
    """Expert, label and level of one entry, None where it is not of the described form."""
    if not isinstance(row, dict) or len(row) != 1:
        return None
    (expert, rating), *_ = row.items()
    if not isinstance(expert, str) or not isinstance(rating, dict) or len(rating) != 1:
        return None
    (name, level), *_ = rating.items()
    if not isinstance(name, str) or type(level) is not int or level not in LEVELS:
        return None
    try:
        return expert, resolve(name, SPACES["emonet40"]), level
    except RequestError:
        return expert, unquote(name).strip(), level


def threshold(mapped: int, factor: float = 1.5) -> float:
    """The probability above which a fine emotion counts: factor / number of mapped labels."""
    if mapped < 1:
        raise RequestError("no fine label is mapped")
    return factor / mapped


def coarse(
    scores: ArrayLike,
    mapping: Mapping[str, str],
    *,
    order: Sequence[str] = SPACES["emonet40"].labels,
    factor: float = 1.5,
) -> tuple[list[list[str]], list[str], NDArray[np.float64]]:
    """Coarse labels that hold, all coarse labels in alphabetical order, and their summed probabilities (n, coarse).

    scores: (n, len(order)); mapping: fine -> coarse label, those left out take no part. Softmax over the mapped fine
    emotions; a coarse label holds when one of its fine emotions has more than factor / mapped. Several may hold or
    none, so the published per-class "accuracy" is not single-label accuracy (EmoNet-Voice, section 4.2).
    Raises RequestError for a wrong shape, scores that are not finite, or an unknown fine label.
    """
    array = np.asarray(scores, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != len(order) or not np.isfinite(array).all():
        raise RequestError(f"scores need shape (n, {len(order)}) and finite values, got shape {array.shape}")
    if unknown := [fine for fine in mapping if fine not in order]:
        raise RequestError(f"unknown fine labels: {', '.join(unknown)}; known: {', '.join(order)}")
    limit = threshold(len(mapping), factor)
    labels = sorted(set(mapping.values()))
    places = [[index for index, fine in enumerate(order) if mapping.get(fine) == label] for label in labels]
    singles = coarse_sums(array, [[index] for own in places for index in own])
    ends = np.cumsum([len(own) for own in places])[:-1]
    strongest = np.stack([part.max(axis=1) for part in np.split(singles, ends, axis=1)], axis=1)
    held = [[label for label, on in zip(labels, row, strict=True) if on] for row in strongest > limit]
    return held, labels, coarse_sums(array, places)
