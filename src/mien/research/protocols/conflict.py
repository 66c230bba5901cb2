"""Conflict: items where the modalities, each labelled alone, say different things.

Subsets after CA-MER (arXiv 2508.01181): consistent, or aligned with one modality only. Gap, drop and follow rates are
definitions of our own. Unimodal labels come from `Sample.labels`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mien.errors import RequestError
from mien.research.protocols.folds import HELP, folds
from mien.research.protocols.plan import COMPLETE, Ask, Figure, Plan, asked, told
from mien.research.samples import Data, Sample

CONSISTENT, SEVERAL, NEITHER = "consistent", "several aligned", "neither"
FEW = 30


def subset(sample: Sample, names: tuple[str, ...], task: str) -> str | None:
    """The subset of a sample: "consistent" where all unimodal labels are the true one, "NAME-aligned" where one alone
    is, "several aligned" between the two (of three and more), "neither" where none is; None without these labels."""
    if any(name not in sample.labels for name in names):
        return None
    true = _said(sample.target, task)
    right = [name for name in names if _said(sample.labels[name], task) == true]
    if len(right) == len(names):
        return CONSISTENT
    return NEITHER if not right else f"{right[0]}-aligned" if len(right) == 1 else SEVERAL


def _said(label: object, task: str) -> int:
    """A class, or the sign of a value."""
    number = float(np.ravel(np.asarray(label, float))[0])
    return int(number) if task == "class" else int(np.sign(number))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Scores by subset; the gap between modalities, the drop under conflict, and whom an answer follows."""

    name: ClassVar[str] = "conflict"
    summary: ClassVar[str] = "Where modalities disagree: subsets by unimodal labels, gap, drop, whom answers follow."
    modalities: tuple[str, ...] = told("Two or more with labels of their own (default: all that have).", ())
    split: str = told(HELP, "auto")
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """Conditions by subset of the test part. RequestError where fewer than two modalities have labels."""
        names = self.modalities or _labelled(data)
        lacking = [name for name in names if not any(name in sample.labels for sample in data.samples)]
        if len(names) < 2 or lacking or data.task == "labels":
            raise RequestError(
                f"{data.name}: conflicts need one class or value an item and labels given to two modalities alone; "
                f"labelled alone are: {', '.join(_labelled(data)) or 'none'}"
            )
        cuts = folds(data, self.split, seed=self.split_seed, valid=self.valid)
        where = {row: subset(data.samples[row], names, data.task) for _, cut in cuts for row in cut.test}
        counts = {kind: list(where.values()).count(kind) for kind in dict.fromkeys(where.values())}
        aligned = [f"{name}-aligned" for name in names if counts.get(f"{name}-aligned")]
        kept = [kind for kind in (CONSISTENT, *aligned, SEVERAL) if counts.get(kind)]

        def asks(rows: tuple[int, ...]) -> tuple[Ask, ...]:
            found = [Ask(COMPLETE, rows)]
            found += [Ask(kind, tuple(row for row in rows if where[row] == kind)) for kind in kept]
            split = tuple(row for row in rows if where[row] is not None and _differ(data.samples[row], names, data))
            found += [Ask(f"follows {name}", split, target=name) for name in names]
            return tuple(ask for ask in found if ask.rows)

        return asked(data, cuts, asks, figures=_figures(kept, aligned, names, any(
            _differ(data.samples[row], names, data) for row, kind in where.items() if kind is not None
        )), notes=_notes(counts))  # fmt: skip


def _labelled(data: Data) -> tuple[str, ...]:
    """Modalities that some samples have a label of their own for, in order of appearance."""
    widths = data.shape().widths
    return tuple(dict.fromkeys(name for sample in data.samples for name in sample.labels if name in widths))


def _differ(sample: Sample, names: tuple[str, ...], data: Data) -> bool:
    return len({_said(sample.labels[name], data.task) for name in names}) > 1


def _figures(kept: list[str], aligned: list[str], names: tuple[str, ...], split: bool) -> tuple[Figure, ...]:
    figures = []
    if len(aligned) == 2:
        first, second = aligned
        figures.append(Figure(f"gap: {first} minus {second}", {first: 1.0, second: -1.0}, "zero"))
    if CONSISTENT in kept and aligned:
        share = {kind: -1.0 / len(aligned) for kind in aligned}
        figures.append(Figure("drop under conflict", {CONSISTENT: 1.0, **share}, "zero"))
    if split and len(names) == 2:
        weights = {f"follows {names[0]}": 1.0, f"follows {names[1]}": -1.0}
        figures.append(Figure(f"leans on {names[0]} over {names[1]}", weights, "neither", ("accuracy",)))
    return tuple(figures)


def _notes(counts: dict[str | None, int]) -> tuple[str, ...]:
    told_counts = ", ".join(f"{kind or 'without unimodal labels'} {count}" for kind, count in counts.items())
    notes = [f"test items by subset: {told_counts}; 'neither' stands in no subset score"]
    if few := [str(kind) for kind, count in counts.items() if kind and kind != NEITHER and count < FEW]:
        notes.append(f"fewer than {FEW} items, read the intervals: {', '.join(few)}")
    return tuple(notes)
