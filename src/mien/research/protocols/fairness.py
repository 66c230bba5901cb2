"""Fairness: what one group of people gets from a system beside what another gets.

Groups are a speaker's sex, age, language or role, given in a table, or the speakers themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mien.errors import DataError, RequestError
from mien.research.protocols.folds import HELP, folds
from mien.research.protocols.measures import by_class
from mien.research.protocols.plan import COMPLETE, Ask, Figure, Plan, asked, told
from mien.research.samples import Data


@dataclass(frozen=True, slots=True)
class Fairness:
    """Scores and error rates by group; for two groups their difference, for more each minus all the others."""

    name: ClassVar[str] = "fairness"
    summary: ClassVar[str] = "Scores and error rates by group of people, and their differences."
    groups: str = told("CSV with the column speaker (or id) and one column a trait; or the word speaker.", "speaker")
    by: str = told("The trait: a column of the table (default: its first).", "")
    least: int = told("Groups with fewer test items are left out, and named.", 20)
    split: str = told(HELP, "auto")
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """A condition for each group, and for three and more one for all the others."""
        trait, of = self._of(data)
        cuts = folds(data, self.split, seed=self.split_seed, valid=self.valid)
        counts: dict[str, int] = {}
        for _, cut in cuts:
            for row in cut.test:
                if row in of:
                    counts[of[row]] = counts.get(of[row], 0) + 1
        kept = sorted(name for name, count in counts.items() if count >= self.least)
        if len(kept) < 2:
            raise RequestError(
                f"{trait}: fewer than two groups have {self.least} test items "
                f"({', '.join(f'{name} {count}' for name, count in sorted(counts.items())) or 'none'})"
            )
        two = len(kept) == 2

        def asks(rows: tuple[int, ...]) -> tuple[Ask, ...]:
            found = [Ask(COMPLETE, rows)]
            for name in kept:
                found.append(Ask(f"{trait} {name}", tuple(row for row in rows if of.get(row) == name)))
                if not two:
                    others = tuple(row for row in rows if row in of and of[row] != name and of[row] in kept)
                    found.append(Ask(f"not {name}", others))
            return tuple(ask for ask in found if ask.rows)

        pairs = (
            [(f"{kept[0]} minus {kept[1]}", f"{trait} {kept[0]}", f"{trait} {kept[1]}")]
            if two
            else [(f"{name} minus others", f"{trait} {name}", f"not {name}") for name in kept]
        )
        figures = tuple(Figure(title, {one: 1.0, other: -1.0}, "zero") for title, one, other in pairs)
        small = [f"{name} ({count})" for name, count in sorted(counts.items()) if name not in kept]
        notes = [f"test items by {trait}: {', '.join(f'{name} {counts[name]}' for name in kept)}"]
        notes += [f"left out, fewer than {self.least} items: {', '.join(small)}"] if small else []
        return asked(data, cuts, asks, figures=figures, notes=tuple(notes), more=by_class(data))

    def _of(self, data: Data) -> tuple[str, dict[int, str]]:
        """The trait's name, and row -> group for the samples that have one."""
        if self.groups == "speaker":
            return "speaker", {row: sample.speaker for row, sample in enumerate(data.samples) if sample.speaker}
        trait, table = read_traits(self.groups, self.by)
        return trait, {
            row: table[key]
            for row, sample in enumerate(data.samples)
            for key in (sample.id, sample.speaker)
            if key in table
        }


def read_traits(path: Path | str, by: str = "") -> tuple[str, Mapping[str, str]]:
    """A trait's name and who has which: CSV with a column "speaker" or "id". DataError where a column is missing."""
    import csv
    import io

    from mien.files import read_bounded

    text = read_bounded(path, 64 << 20).decode("utf-8-sig", "replace")
    if "\0" in text:
        raise DataError(path, None, "is no table but a binary file; needs the column speaker or id, and a trait")
    rows = csv.DictReader(io.StringIO(text))
    columns = list(rows.fieldnames or ())
    key = next((name for name in ("speaker", "id") if name in columns), None)
    traits = [name for name in columns if name not in ("speaker", "id")]
    if key is None or not traits or (by and by not in traits):
        raise DataError(
            path, None, f"needs the column speaker or id, and {by or 'a trait'}; it has: {', '.join(columns) or 'none'}"
        )
    trait = by or traits[0]
    return trait, {row[key]: row[trait] for row in rows if row[key] and row[trait]}
