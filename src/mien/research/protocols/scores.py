"""Outcomes become rows: each system's metric under each condition, over seeds, with interval and floor."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics import interval
from mien.research.protocols.floors import floors
from mien.research.protocols.measures import Measure, truths
from mien.research.protocols.plan import Figure, Plan
from mien.research.samples import Data

Numbers = NDArray[np.float64]
Answers = Mapping[tuple[int, int], Mapping[str, Numbers]]
"""(trial, seed) -> condition -> answers."""


@dataclass(frozen=True, slots=True)
class Row:
    """One number of one system.

    kind: "score", "figure" (made of conditions) or "cost"; mean, std: over seeds (sample deviation, NaN for one);
    interval: 95 % by bootstrap over whole groups and seeds, or None; values: by seed; n, groups: items and groups
    tested; floor: the best that an answer without any input gets there, and its name; note: what a reader must know.
    """

    system: str
    condition: str
    metric: str
    better: str
    kind: str
    mean: float
    std: float = math.nan
    interval: tuple[float, float] | None = None
    values: tuple[float, ...] = ()
    n: int = 0
    groups: int = 0
    floor: float | None = None
    floor_name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A system minus the first one, on the same items: value, 95 % interval by paired bootstrap over groups, seeds."""

    system: str
    reference: str
    condition: str
    metric: str
    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class _People:
    """Every group that is tested, and the seed that draws among them: the same draws for all systems and conditions,
    so that a difference between two conditions is one within the same people."""

    names: tuple[str, ...]
    rounds: int
    seed: tuple[int, int]


@dataclass(slots=True)
class _Cell:
    """values: (seeds,); draws: (seeds, rounds) with equal draws of groups, or empty."""

    values: Numbers
    draws: Numbers
    n: int = 0
    groups: int = 0
    note: str = ""
    means: Numbers = field(default_factory=lambda: np.zeros(0))


def scored(
    plan: Plan, data: Data, found: Mapping[str, Answers], *, rounds: int = 1000, seed: int = 0
) -> tuple[list[Row], list[Difference]]:
    """Rows of all systems and floors, and the differences to the first system on the headline metric.

    found: system -> its answers; a (trial, seed) that failed is not in it, and a seed counts where all its trials are.
    Floors have no intervals of their own.
    """
    all_found = {**found, **_floors(plan, data)}
    bare = [name for name in all_found if name not in found]
    conditions = list(dict.fromkeys(ask.condition for trial in plan.trials for ask in trial.asks))
    people = _people(plan, data, rounds, seed)
    rows: list[Row] = []
    differences: list[Difference] = []
    for measure in plan.measures:
        cells = {
            (name, condition): _cell(plan, data, answers, condition, measure, people if name in found else None)
            for name, answers in all_found.items()
            for condition in conditions
        }
        for figure in plan.figures:
            if not figure.metrics or measure.name in figure.metrics:
                for name in all_found:
                    cells[name, figure.name] = _combined(figure, name, cells)
        own = [figure for figure in plan.figures if not figure.metrics or measure.name in figure.metrics]
        shown = [(one, "score", measure.better) for one in conditions]
        shown += [(f.name, "figure", measure.better if f.better == "metric" else f.better) for f in own]
        for condition, kind, better in shown:
            floor = _best(measure, {name: cells[name, condition] for name in bare}, better)
            for name in all_found:
                rows.append(_row(name, condition, measure, better, kind, cells[name, condition], floor))
        if measure is plan.measures[0]:
            differences = _differences(list(found), [one for one, _, _ in shown], measure, cells)
    return rows, differences


def _floors(plan: Plan, data: Data) -> dict[str, Answers]:
    found: dict[str, dict[tuple[int, int], Mapping[str, Numbers]]] = {}
    for place, trial in enumerate(plan.trials):
        for name, answers in floors(data, trial).items():
            found.setdefault(f"floor: {name}", {})[place, 0] = answers
    return dict(found)


def _cell(plan: Plan, data: Data, answers: Answers, condition: str, measure: Measure, people: _People | None) -> _Cell:
    """One metric under one condition; the answers of all trials that ask it are pooled."""
    asks = [(at, ask) for at, one in enumerate(plan.trials) for ask in one.asks if ask.condition == condition]
    seeds = sorted({one for _, one in answers})
    whole = [one for one in seeds if all((at, one) in answers for at, _ in asks)]
    rows = tuple(row for _, ask in asks for row in ask.rows)
    groups = [data.samples[row].group for row in rows]
    count = len(set(groups))
    if not whole:
        return _Cell(np.zeros(0), np.zeros((0, 0)), len(rows), count, "no answers")
    truth = np.concatenate([truths(data, ask.rows, ask.target) for _, ask in asks])
    given = [np.concatenate([answers[at, one][condition] for at, _ in asks]) for one in whole]
    values = np.array([_value(measure, truth, one) for one in given])
    note = "" if len(whole) == len(seeds) else f"{len(seeds) - len(whole)} of {len(seeds)} seeds failed"
    if people is None or not people.rounds or count < 2 or np.isnan(values).all():
        note = note or ("one group only: no interval" if people and people.rounds and count < 2 else "")
        return _Cell(values, np.zeros((len(values), 0)), len(rows), count, note)
    drawn = [measure.draws(truth, one, groups, people.names, people.rounds, people.seed) for one in given]
    return _Cell(values, np.array(drawn), len(rows), count, note, _over_seeds(np.array(drawn), people.seed[0]))


def _value(measure: Measure, truth: Numbers, answers: Numbers) -> float:
    try:
        return measure.value(truth, answers)
    except RequestError:
        return math.nan


def _people(plan: Plan, data: Data, rounds: int, seed: int) -> _People:
    rows = dict.fromkeys(row for trial in plan.trials for ask in trial.asks for row in ask.rows)
    names = tuple({data.samples[row].group: None for row in rows})
    return _People(names, rounds, (seed, zlib.crc32("\n".join(data.samples[row].id for row in rows).encode())))


def _over_seeds(drawn: Numbers, seed: int) -> Numbers:
    """(rounds,) means over seeds that are drawn anew in each round, too."""
    seeds, rounds = drawn.shape
    chosen = np.random.default_rng([seed, seeds]).integers(0, seeds, (rounds, seeds))
    found: Numbers = drawn[chosen, np.arange(rounds)[:, None]].mean(axis=1)
    return found


def _combined(figure: Figure, name: str, cells: Mapping[tuple[str, str], _Cell]) -> _Cell:
    parts = [(weight, cells.get((name, condition))) for condition, weight in figure.weights.items()]
    known = [(weight, cell) for weight, cell in parts if cell is not None and len(cell.values)]
    if len(known) < len(parts) or len({len(cell.values) for _, cell in known}) > 1:
        return _Cell(np.zeros(0), np.zeros((0, 0)), note="not all its conditions have answers")
    values = np.sum([weight * cell.values for weight, cell in known], axis=0)
    lengths = {len(cell.means) for _, cell in known}
    means = np.sum([weight * cell.means for weight, cell in known], axis=0) if len(lengths) == 1 else np.zeros(0)
    drawn = np.zeros((len(values), 0))
    return _Cell(values, drawn, max(cell.n for _, cell in known), max(cell.groups for _, cell in known), "", means)


def _best(measure: Measure, bare: Mapping[str, _Cell], better: str) -> tuple[float, str] | None:
    known = {name: float(cell.values[0]) for name, cell in bare.items() if len(cell.values)}
    known = {name: value for name, value in known.items() if not math.isnan(value)}
    if not known or better not in ("higher", "lower"):
        return None
    name = (max if better == "higher" else min)(known, key=lambda one: known[one])
    return known[name], name.removeprefix("floor: ")


def _row(
    name: str, condition: str, measure: Measure, better: str, kind: str, cell: _Cell, floor: tuple[float, str] | None
) -> Row:
    values = cell.values
    mean = float(values.mean()) if len(values) else math.nan
    std = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    span = interval(cell.means) if len(cell.means) and not math.isnan(mean) else None
    return Row(
        name, condition, measure.name, better, kind, mean, std, span, tuple(values.tolist()), cell.n, cell.groups,
        floor[0] if floor else None, floor[1] if floor else "", cell.note,
    )  # fmt: skip


def _differences(
    names: Sequence[str], conditions: Sequence[str], measure: Measure, cells: Mapping[tuple[str, str], _Cell]
) -> list[Difference]:
    found = []
    for name in names[1:]:
        for condition in conditions:
            one, other = cells[names[0], condition], cells[name, condition]
            if not len(one.values) or not len(other.values):
                continue
            span = interval(other.means - one.means) if len(one.means) and len(other.means) else None
            value = float(other.values.mean() - one.values.mean())
            found.append(Difference(name, names[0], condition, measure.name, value, span))
    return found
