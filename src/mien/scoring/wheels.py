"""The emotion wheels: which group of which wheel an emotion word belongs to, by edition of the published tables.

>>> newest = tables()
>>> newest.group("Fear ", "case3_wheel2_level1"), tables("2025").group("fear", "case3_wheel2_level1")
('fearful', 'happy')
>>> newest.group("neutral", "case3_wheel1_level1") is None
True
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError

EDITIONS = ("2025", "2026")
"""Published editions of the word tables, oldest first; the newest is the default."""

WHEELS = tuple(f"wheel{number}" for number in range(1, 6))
LEVEL1 = tuple(f"case3_{wheel}_level1" for wheel in WHEELS)
LEVEL2 = tuple(f"case3_{wheel}_level2" for wheel in WHEELS)
GROUPINGS = ("case1", "case2", *(name for pair in zip(LEVEL1, LEVEL2, strict=True) for name in pair))
"""The twelve published groupings: base form, synonym head, and five wheels at two levels."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """One edition, ready for look-ups.

    edition; forms: every known word (lower case) -> its row; codes: int16 (rows, 12), the group of each grouping, -1
    where that grouping does not know the word; names: the groups' names, one tuple a grouping.
    """

    edition: str
    forms: Mapping[str, int]
    codes: NDArray[np.int16]
    names: tuple[tuple[str, ...], ...]

    def row(self, word: str) -> int:
        """The word's row (lower-cased and trimmed, as published), -1 where the tables lack it."""
        return self.forms.get(word.lower().strip(), -1)

    def group(self, word: str, grouping: str) -> str | None:
        """The word's group, None where this grouping drops it; RequestError lists the groupings."""
        column, row = column_of(grouping), self.row(word)
        code = int(self.codes[row, column]) if row >= 0 else -1
        return self.names[column][code] if code >= 0 else None

    def explain(self, word: str) -> str:
        """One line: the word's base form and the group it reaches on each wheel at level 1."""
        if self.row(word) < 0:
            return f"{word!r} is in no table of the {self.edition} edition: dropped"
        base, reached = self.group(word, "case1"), [self.group(word, grouping) for grouping in LEVEL1]
        told = ", ".join(f"{number} {group or 'drops it'}" for number, group in enumerate(reached, start=1))
        return f"{word!r} has the base form {base!r}; wheels: {told}"

    def bases(self, word: str) -> tuple[str, ...]:
        """Every base form of the word (several where forms collide), () where the tables lack it."""
        key = word.lower().strip()
        if key not in self.forms:
            return ()
        held = _file()
        if self.edition == "2026" and key in held["changed_bases"]:
            return tuple(held["changed_bases"][key])
        return tuple(held["bases"].get(key, (self.group(key, "case1"),)))


def column_of(grouping: str) -> int:
    """The grouping's column in `Tables.codes`; RequestError lists the twelve names."""
    if grouping not in GROUPINGS:
        raise RequestError(f"unknown grouping {grouping!r}; allowed: {', '.join(GROUPINGS)}")
    return GROUPINGS.index(grouping)


def wheel_group(word: str, wheel: str, level: str) -> str | None:
    """The group of a word that the wheel itself lists, without word forms and synonyms; None where it does not.

    At level 2 a word of the inner ring goes to the alphabetically first of its own groups, unless the same word also
    stands further out, which then wins (as the published code reads its rows).
    """
    column_of(f"case3_{wheel}_{level}")
    found = _file()["groups"][wheel].get(word.lower().strip())
    return None if found is None else str(found[int(level == "level2")])


@lru_cache(maxsize=8)
def tables(edition: str | None = None, *, neutral: bool = False) -> Tables:
    """The word tables of an edition, None = the newest; RequestError lists the editions.

    neutral: "neutral" becomes a group of its own in every grouping (no published table has it: figures are then not
    comparable with published ones).
    """
    edition = edition or EDITIONS[-1]
    if edition not in EDITIONS:
        raise RequestError(f"unknown edition {edition!r} of the emotion wheels; allowed: {', '.join(EDITIONS)}")
    held = _file()
    chains: dict[str, Any] = dict(held["forms"])
    if edition == "2026":
        chains.update(held["changes"])
        chains = {form: chain for form, chain in chains.items() if chain is not None}
    words: list[str] = held["words"]
    rows = np.array(list(chains.values()), dtype=np.int16)
    columns, names = [rows[:, 0], rows[:, 1]], [tuple(words), tuple(words)]
    for index, wheel in enumerate(WHEELS):
        for level in (0, 1):
            known: dict[str, list[str]] = held["groups"][wheel]
            groups = tuple(sorted({pair[level] for pair in known.values()}))
            names.append(groups)
            columns.append(_regroup(rows[:, 2 + index], words, known, groups, level))
    codes = np.stack(columns, axis=1).astype(np.int16)
    if neutral:
        codes = np.concatenate([codes, [[len(groups) for groups in names]]]).astype(np.int16)
        names = [(*groups, "neutral") for groups in names]
        chains["neutral"] = None
    codes.flags.writeable = False
    return Tables(edition, {form: row for row, form in enumerate(chains)}, codes, tuple(names))


def rows_of(held: Tables, labels: Iterable[str]) -> list[int]:
    """Rows of the labels that the tables know, in order."""
    return [row for row in map(held.row, labels) if row >= 0]


def _regroup(
    deciding: NDArray[np.int16],
    words: Sequence[str],
    known: Mapping[str, Sequence[str]],
    groups: Sequence[str],
    level: int,
) -> NDArray[np.int16]:
    """Deciding words (indices into `words`, -1 = none) as indices into `groups`."""
    place = {group: index for index, group in enumerate(groups)}
    code = np.array([place[known[word][level]] if word in known else -1 for word in words] + [-1], dtype=np.int16)
    return np.asarray(code[deciding])


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    text = files("mien.scoring").joinpath("wheels.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
