"""Cross-corpus: train on one data set, test on others whose features have the same widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mien.affect.mapping import alias
from mien.affect.space import Space
from mien.errors import RequestError
from mien.research.protocols.folds import folds, held_out
from mien.research.protocols.measures import measures
from mien.research.protocols.plan import Ask, Figure, Plan, Trial, told
from mien.research.samples import Data, Sample

MARK = ":"
PART = "corpus "


def join(sets: Sequence[Data]) -> Data:
    """Several data sets as one: ids, groups and speakers carry the corpus's name, each corpus is a named part.

    Of classes only those that all corpora have, by their common names (joy is happiness), stay; items of others are
    left out and counted in the notes; values and label sets must be the same. RequestError: fewer than two, other
    tasks, no two common classes, other widths.
    """
    if len(sets) < 2 or len({one.name for one in sets}) < len(sets):
        raise RequestError("a comparison over corpora needs two or more data sets of different names")
    first = sets[0]
    if len({one.task for one in sets}) > 1:
        raise RequestError("the data sets have other tasks: " + ", ".join(f"{one.name} {one.task}" for one in sets))
    labels = tuple(name for name in _names(first) if all(name in _names(one) for one in sets))
    if first.task != "class" and any(one.space.labels != first.space.labels for one in sets):
        raise RequestError("values and label sets must be the same: " + "; ".join(str(one.space) for one in sets))
    if len(labels) < 2 and first.task == "class":
        spaces = "; ".join(f"{one.name}: {', '.join(one.space.labels)}" for one in sets)
        raise RequestError(f"the data sets have fewer than two classes in common ({spaces})")
    samples: list[Sample] = []
    parts: dict[str, tuple[int, ...]] = {}
    notes = list(dict.fromkeys(note for one in sets for note in one.notes))
    for one in sets:
        kept = [_moved(sample, one, labels) for sample in one.samples]
        here = [sample for sample in kept if sample is not None]
        parts[PART + one.name] = tuple(range(len(samples), len(samples) + len(here)))
        samples += here
        if len(here) < len(kept):
            notes.append(f"{one.name}: {len(kept) - len(here)} of {len(kept)} items have a class not all corpora have")
    space = Space("+".join(one.name for one in sets), labels, first.space.kind, "classes that all corpora have")
    space = space if first.task == "class" else first.space
    fitted = frozenset(one.name + MARK + group for one in sets for group in one.fitted)
    joined = Data("+".join(one.name for one in sets), space, first.task, tuple(samples), parts, fitted, tuple(notes))
    joined.shape()
    return joined


def _names(data: Data) -> tuple[str, ...]:
    """Its classes by their common names."""
    return tuple(map(alias, data.space.labels))


def _moved(sample: Sample, data: Data, labels: tuple[str, ...]) -> Sample | None:
    mark = data.name + MARK
    target, votes, further = sample.target, sample.votes, dict(sample.labels)
    if data.task == "class":
        names = _names(data)
        name = names[int(np.asarray(target))]
        if name not in labels:
            return None
        target, further = labels.index(name), {}
        votes = None if votes is None else votes[[names.index(label) for label in labels]]
    speaker = mark + sample.speaker if sample.speaker else ""
    return replace(
        sample, id=mark + sample.id, group=mark + sample.group, speaker=speaker, target=target, votes=votes,
        labels=further,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Corpora:
    """Each corpus in turn is trained on ("pairs"), or each is left out of the training ("out")."""

    name: ClassVar[str] = "corpora"
    summary: ClassVar[str] = "Train on one data set, test on the others (give several with --data)."
    mode: str = told("pairs (train on each one) or out (train on all but one).", "pairs")
    split_seed: int = told("Seed of the cuts.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """Conditions "A -> B"; figures: the mean inside a corpus, the mean across, and what is lost."""
        names = [name.removeprefix(PART) for name in data.parts if name.startswith(PART)]
        if len(names) < 2:
            raise RequestError(f"{data.name} is one data set; name two or more: --data A --data B")
        if self.mode not in ("pairs", "out"):
            raise RequestError(f"mode {self.mode!r}; allowed: pairs, out")
        trials = self._pairs(data, names) if self.mode == "pairs" else self._out(data, names)
        inside = [f"{name} -> {name}" for name in names]
        across = [ask.condition for trial in trials for ask in trial.asks if ask.condition not in inside]
        mean = {name: 1 / len(across) for name in across}
        figures = [Figure("mean across corpora", mean)]
        if self.mode == "pairs":
            own = {name: 1 / len(inside) for name in inside}
            lost = {**{name: -value for name, value in own.items()}, **mean}
            figures += [Figure("mean inside a corpus", own), Figure("across minus inside", lost, "neither")]
        return Plan(tuple(trials), measures(data), tuple(figures), (f"classes: {', '.join(data.space.labels)}",))

    def _pairs(self, data: Data, names: list[str]) -> list[Trial]:
        trials = []
        for name in names:
            rows = data.parts[PART + name]
            own = folds(
                replace(data, samples=tuple(data.samples[row] for row in rows), parts={}), "random",
                seed=self.split_seed, valid=self.valid,
            )[0][1]  # fmt: skip
            back = [tuple(rows[at] for at in part) for part in (own.train, own.valid, own.test)]
            others = tuple(Ask(f"{name} -> {other}", data.parts[PART + other]) for other in names if other != name)
            trials.append(Trial(f"on {name}", back[0], back[1], (Ask(f"{name} -> {name}", back[2]), *others)))
        return trials

    def _out(self, data: Data, names: list[str]) -> list[Trial]:
        trials = []
        for name in names:
            rest = [row for other in names if other != name for row in data.parts[PART + other]]
            train, valid = held_out(data, rest, self.valid, self.split_seed)
            trials.append(Trial(f"without {name}", train, valid, (Ask(f"others -> {name}", data.parts[PART + name]),)))
        return trials
