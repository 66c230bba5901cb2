"""What a protocol is made of: trials to train, what each trained system is asked, and figures made of the answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from mien.errors import RequestError
from mien.research.protocols.measures import Measure, measures
from mien.research.samples import Data, Sample, Split
from mien.research.typed import typed

Change = Callable[[Sequence[Sample]], Sequence[Sample]]
"""What is done to test samples before they are asked; equal changes are equal objects, their repr names them."""

COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Ask:
    """One condition under which a trained system answers, once.

    condition: its name; rows: samples of the data; change: what is done to them first, or None; target: which of
    `Sample.labels` is the truth here, "" for the sample's own target.
    """

    condition: str
    rows: tuple[int, ...]
    change: Change | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One training: the rows to learn from, the rows to select on, and what is asked once afterwards."""

    fold: str
    train: tuple[int, ...]
    valid: tuple[int, ...]
    asks: tuple[Ask, ...]

    @property
    def split(self) -> Split:
        """The same as a split: everything that is asked is test."""
        return Split(self.train, self.valid, tuple(sorted({row for ask in self.asks for row in ask.rows})))


@dataclass(frozen=True, slots=True)
class Figure:
    """A number made of conditions: the sum of weight x metric (an area under a curve, a gap, a drop).

    better: "higher", "zero" or "neither", or "metric" for the metric's own direction; metrics: those it is told for,
    () for all.
    """

    name: str
    weights: Mapping[str, float]
    better: str = "metric"
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a protocol wants of each system: trials, figures, measures, and what a reader must know."""

    trials: tuple[Trial, ...]
    measures: tuple[Measure, ...]
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()


class Bench(Protocol):
    """A protocol: a frozen dataclass whose fields are its settings; `plan` says what to do with a data set."""

    name: ClassVar[str]
    summary: ClassVar[str]

    def plan(self, data: Data) -> Plan:
        """Trials, figures and notes; RequestError where the data lack what it needs."""


def told(text: str, default: Any) -> Any:
    """A setting with its default and the sentence that explains it (help of the command line)."""
    return field(default=default, metadata={"help": text})


def configured(kind: type[Any], given: Mapping[str, Any]) -> Any:
    """The protocol with these settings; text is read as the type of the default. RequestError names what is allowed."""
    known = {entry.name: entry.default for entry in dataclasses.fields(kind)}
    chosen = {}
    for name, value in given.items():
        if name not in known:
            raise RequestError(f"{kind.name} has no setting {name!r}; it has: {', '.join(known) or 'none'}")
        default = known[name]
        numbers = isinstance(default, tuple) and bool(default) and isinstance(default[0], float)
        chosen[name] = typed(kind.name, name, value, default, float if numbers else str)
        if "seed" in name and chosen[name] < 0:
            raise RequestError(f"{kind.name}: {name}={value}: a seed is 0 or more")
    return kind(**chosen)


def plain_plan(data: Data, folds: Sequence[tuple[str, Split]], notes: tuple[str, ...] = ()) -> Plan:
    """One complete condition for each fold."""
    trials = tuple(Trial(name, one.train, one.valid, (Ask(COMPLETE, one.test),)) for name, one in folds)
    return Plan(trials, measures(data), notes=notes)


def asked(
    data: Data, folds: Sequence[tuple[str, Split]], asks: Callable[[tuple[int, ...]], tuple[Ask, ...]], *,
    figures: tuple[Figure, ...] = (), notes: tuple[str, ...] = (), more: tuple[Measure, ...] = (),
) -> Plan:  # fmt: skip
    """Every fold asked the same conditions of its own test rows."""
    trials = tuple(Trial(name, one.train, one.valid, asks(one.test)) for name, one in folds)
    return Plan(trials, (*measures(data), *more), figures, notes)
