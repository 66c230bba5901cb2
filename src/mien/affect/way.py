"""What a mapping between two spaces is, and how one is made from groups of labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mien.affect.names import alias
from mien.affect.ranges import rescale
from mien.affect.space import SPACES, Space
from mien.errors import RequestError

Array = NDArray[np.float64]
Apply = Callable[[Array], Array]
Groups = Dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A way from one space to another.

    id (with its version); start, goal: space names; labels: of start; source: who defined it; loses: what is gone
    afterwards; apply: values (..., labels of start) -> (..., labels of goal), whole arrays at once; NaN where nothing
    is left; dropped: labels of start without a counterpart; loose: labels that reach the goal by a debatable rule;
    exact: whether nothing is lost; tight: the same mapping without its loose labels, None where it stands on them.
    """

    id: str
    start: str
    goal: str
    labels: tuple[str, ...]
    source: str
    loses: str
    apply: Apply
    dropped: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    exact: bool = False
    tight: Mapping | None = field(default=None, repr=False)

    def strict(self) -> Mapping:
        """This mapping without its loose labels; RequestError where it stands on them as a whole."""
        if not self.loose:
            return self
        if self.tight is None:
            raise RequestError(f"{self.id} is a loose mapping as a whole ({self.source}); use it with strict=False")
        return self.tight

    def lost(self, values: Array) -> Array:
        """Share of the values (..., labels of start) that lies on dropped labels, (...,) in [0, 1]."""
        return _share(values, self.labels, self.dropped)

    def by_loose(self, values: Array) -> Array:
        """Share of the values (..., labels of start) that takes a loose rule, (...,) in [0, 1]."""
        return _share(values, self.labels, self.loose)


def formula(start: str, goal: str, source: str, loses: str, apply: Apply, *dropped: str) -> Mapping:
    """The mapping with a formula of its own; `dropped`: labels of `start` that it leaves out."""
    return Mapping(f"{start}-{goal}/1", start, goal, SPACES[start].labels, source, loses, apply, dropped)


def grouped(
    start: str,
    goal: str,
    groups: Groups,
    source: str,
    loses: str,
    *,
    loose: Sequence[str] = (),
) -> Mapping:
    """The mapping that gathers labels of `start` under labels of `goal`.

    Distributions by sum, divided by what is left; independent probabilities and intensities by maximum. Labels of
    `start` in no group are dropped and counted.
    """
    first, last = SPACES[start], SPACES[goal]
    used = {label for labels in groups.values() for label in labels}
    dropped = tuple(label for label in first.labels if label not in used)
    tight = None
    if loose and not used <= set(loose):
        kept = {key: tuple(label for label in labels if label not in loose) for key, labels in groups.items()}
        tight = grouped(start, goal, kept, source, f"{loses}; without {', '.join(loose)}")
        tight = replace(tight, id=f"{start}-{goal}-strict/1")
    table = matrix(first, last, groups)
    apply = _adder(table, last.exclusive) if first.exclusive else _picker(table)
    id = f"{start}-{goal}/1"
    return Mapping(id, start, goal, first.labels, source, loses, apply, dropped, tuple(loose), tight=tight)


def matrix(start: Space, goal: Space, groups: Groups) -> Array:
    """Membership (labels of start, labels of goal) of 0 and 1; RequestError names a label that a space lacks."""
    table = np.zeros((len(start.labels), len(goal.labels)))
    for target, labels in groups.items():
        for label in labels:
            table[start.index(label), goal.index(target)] = 1.0
    return table


def relabelled(start: Space, goal: Space) -> Mapping | None:
    """The lossless mapping of a space into one with the same labels in any order and spelling; None if there is none.

    A categorical goal may have further labels, which get 0; a multilabel one may not (their probability is unknown).
    """
    if start.kind != goal.kind or start.kind not in ("categorical", "multilabel"):
        return None
    ours, theirs = [alias(label) for label in start.labels], [alias(label) for label in goal.labels]
    if len(set(ours)) < len(ours) or len(set(theirs)) < len(theirs) or not set(ours) <= set(theirs):
        return None
    if start.kind == "multilabel" and len(ours) < len(theirs):
        return None
    places = [theirs.index(label) for label in ours]
    extra = [label for label, common in zip(goal.labels, theirs, strict=True) if common not in ours]
    loses = f"nothing; {', '.join(extra)} cannot occur" if extra else "nothing: the same labels in another order"

    def apply(values: Array) -> Array:
        result = np.zeros((*values.shape[:-1], len(theirs)))
        result[..., places] = values
        return result

    id, source = f"{start.name}={goal.name}", "names and aliases"
    return Mapping(id, start.name, goal.name, start.labels, source, loses, apply, exact=True)


def rescaled(start: Space, goal: Space) -> Mapping | None:
    """The linear mapping between two ranges of the same dimensions or intensities; None where there is none."""
    same = start.kind == goal.kind and start.kind in ("dimensional", "intensity")
    if not same or not set(goal.labels) <= set(start.labels):
        return None
    rest = [label for label in start.labels if label not in goal.labels]
    return Mapping(
        f"{start.name}={goal.name}",
        start.name,
        goal.name,
        start.labels,
        "linear: u = (x - low) / (high - low)",
        ", ".join(rest) if rest else "nothing: the same numbers on another scale",
        lambda values: rescale(values, start, goal),
        dropped=() if start.kind == "dimensional" else tuple(rest),
        exact=not rest,
    )


def joined(first: Mapping, second: Mapping) -> Mapping:
    """One mapping after another, of which at least one is exact; RequestError where both lose something."""
    if first.goal != second.start or not (first.exact or second.exact):
        raise RequestError(f"{first.id} and {second.id} do not compose: each loses something of its own")
    lossy = second if first.exact else first
    tight = None
    if lossy.loose and lossy.tight is not None:
        tight = joined(first, second.strict()) if lossy is second else joined(first.strict(), second)

    def back(labels: tuple[str, ...]) -> tuple[str, ...]:
        names = [alias(label) for label in labels]
        return tuple(label for label in first.labels if alias(label) in names)

    return Mapping(
        f"{first.id}, {second.id}",
        first.start,
        second.goal,
        first.labels,
        lossy.source,
        lossy.loses,
        lambda values: second.apply(first.apply(values)),
        back(lossy.dropped),
        back(lossy.loose),
        first.exact and second.exact,
        tight,
    )


def _adder(table: Array, exclusive: bool) -> Apply:
    def apply(values: Array) -> Array:
        sums: Array = values @ table
        if not exclusive:
            return sums
        total = sums.sum(axis=-1, keepdims=True)
        return np.asarray(np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 1e-9))

    return apply


def _picker(table: Array) -> Apply:
    places = [np.flatnonzero(column) for column in table.T]

    def apply(values: Array) -> Array:
        return np.stack([values[..., own].max(axis=-1, initial=0.0) for own in places], axis=-1)

    return apply


def _share(values: Array, all_labels: tuple[str, ...], labels: tuple[str, ...]) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if not labels:
        return np.zeros(array.shape[:-1])
    total = array.sum(axis=-1)
    part = array[..., [all_labels.index(label) for label in labels]].sum(axis=-1)
    return np.asarray(np.divide(part, total, out=np.zeros_like(total), where=total > 0))
