"""Votes: who chose which label for which item, with everything that a majority label throws away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.affect.space import Space
from mien.errors import RequestError
from mien.raters.arrays import Booleans, Integers, column, plain
from mien.raters.tables import Labels, Selections, axis_names, build, count_rows, nested_rows

if TYPE_CHECKING:
    from mien.raters.agreement import Agreement
    from mien.raters.targets import Targets


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Selections of raters: item × rater × label.

    space: the classes, in order; outside: further answers a rater may give that are no class ("other", "not a face");
    items: ids in order of appearance, also those nobody rated; raters: their names, () where only counts are known;
    item, rater, label: int64, shape (selections,), one row per selection: index into `items`, into `raters` (-1 where
    not known), into `options`. A rater may select several labels for one item. missing: cells without an answer.

    >>> votes = Votes.of([["joy", "joy", "fear"], ["fear", "joy"]], labels=["joy", "fear"])
    >>> votes.counts.tolist()
    [[2, 1], [1, 1]]
    """

    space: Space
    outside: tuple[str, ...]
    items: tuple[str, ...]
    raters: tuple[str, ...]
    item: Integers
    rater: Integers
    label: Integers
    missing: int = 0

    @classmethod
    def from_table(
        cls,
        table: Any,
        *,
        item: str = "item",
        rater: str = "rater",
        label: str = "label",
        labels: Labels = None,
        outside: Sequence[str] | str = (),
        repeats: str = "error",
    ) -> Votes:
        """From a long table, one row a selection: a data frame, a mapping of columns or a list of rows as mappings.

        item, rater, label: names of its columns; labels: the classes (a space, its name or a list; None = those that
        occur, sorted); outside: further answers, "any" = every answer that is no class; repeats: what the same rater
        choosing the same label for the same item twice means: "error", "keep" (counts twice) or "once".
        Raises DataError with the row for an unknown label, a row without item or rater, or a repeat.
        """
        columns = [column(table, name) for name in (item, rater, label)]
        if len({len(values) for values in columns}) > 1:
            raise RequestError("the three columns of a table of votes differ in length")
        return cls._of(build(*columns, labels=labels, outside=outside, repeats=repeats))

    @classmethod
    def of(
        cls,
        votes: Sequence[Sequence[Any]] | Mapping[str, Sequence[Any]],
        *,
        labels: Labels = None,
        outside: Sequence[str] | str = (),
        repeats: str = "error",
    ) -> Votes:
        """From nested lists: for each item its raters' answers, each a label, several labels, or None.

        Raters are named by their place ("1", "2", …). A mapping names the items. Errors as in `from_table`.
        """
        items, rows = nested_rows(votes)
        item, rater, label = ([row[place] for row in rows] for place in range(3))
        return cls._of(build(item, rater, label, labels=labels, outside=outside, repeats=repeats, items=items))

    @classmethod
    def from_matrix(cls, ratings: Any, *, labels: Labels = None, outside: Sequence[str] | str = ()) -> Votes:
        """From a table of items × raters whose cells are labels (or class numbers), None, NaN or blank where missing.

        A data frame's columns name the raters and its index the items.
        """
        cells = np.asarray(plain(ratings), dtype=object)
        if cells.ndim != 2:
            raise RequestError(f"ratings must have shape (items, raters); got {cells.shape}")
        raters, items = axis_names(ratings, "columns", cells.shape[1]), axis_names(ratings, "index", len(cells))
        item = [name for name in items for _ in raters]
        label = cells.ravel().tolist()
        return cls._of(build(item, raters * len(items), label, labels=labels, outside=outside, items=items))

    @classmethod
    def from_counts(
        cls,
        counts: Any,
        *,
        labels: Labels = None,
        outside: Sequence[str] = (),
        items: Sequence[Any] | None = None,
    ) -> Votes:
        """From a wide table of counts: one row an item, one column a label (as FER+ or CREMA-D publish them).

        counts: a data frame or mapping of columns named by label, or an array of shape (items, labels + outside);
        labels: None takes every column that is not `outside` (columns that hold no counts must then be left out).
        Who voted is not known: `raters` is (). Raises DataError with the row for a negative or fractional count.
        """
        classes, ids, table = count_rows(counts, labels, outside, items)
        cells = table.ravel()
        item, label = np.divmod(np.repeat(np.arange(cells.size), cells), table.shape[1])
        return cls(classes, tuple(outside), ids, (), item, np.full(len(item), -1), label)

    @classmethod
    def _of(cls, found: Selections) -> Votes:
        return cls(*(getattr(found, name) for name in found.__slots__))

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the space's order."""
        return self.space.labels

    @property
    def options(self) -> tuple[str, ...]:
        """Every answer a rater could give: the classes, then the outside answers."""
        return (*self.space.labels, *self.outside)

    @property
    def all_counts(self) -> Integers:
        """Selections per item and option, int64, shape (items, len(options))."""
        shape = (len(self.items), len(self.options))
        flat = np.bincount(self.item * shape[1] + self.label, minlength=shape[0] * shape[1])
        return flat.reshape(shape).astype(np.int64)

    @property
    def counts(self) -> Integers:
        """Selections per item and class, int64, shape (items, classes)."""
        return self.all_counts[:, : len(self.labels)]

    def __len__(self) -> int:
        """Number of items."""
        return len(self.items)

    def pick(self, keep: Booleans) -> Votes:
        """The votes on the items where `keep`, bool, shape (items,), is true."""
        keep = np.asarray(keep, dtype=bool)
        if keep.shape != (len(self.items),):
            raise RequestError(f"keep must have shape ({len(self.items)},), got {keep.shape}")
        rows = keep[self.item]
        new = np.cumsum(keep) - 1
        items = tuple(name for name, kept in zip(self.items, keep.tolist(), strict=True) if kept)
        return replace(
            self, items=items, item=new[self.item[rows]], rater=self.rater[rows], label=self.label[rows], missing=0
        )

    def by(self, rater: str) -> Votes:
        """One rater's votes, over the same items; RequestError lists the raters."""
        if rater not in self.raters:
            raise RequestError(f"no rater {rater!r}; there are: {', '.join(self.raters) or 'none (counts only)'}")
        rows = self.rater == self.raters.index(rater)
        item, label = self.item[rows], self.label[rows]
        return replace(self, raters=(rater,), item=item, rater=np.zeros_like(item), label=label, missing=0)

    def matrix(self) -> Integers:
        """Class per item and rater, int64, shape (items, raters), -1 where missing or outside.

        Raises RequestError where only counts are known or a rater chose several labels for one item.
        """
        self.need_raters("a matrix of items and raters")
        inside = self.label < len(self.labels)
        item, rater, label = self.item[inside], self.rater[inside], self.label[inside]
        if len(np.unique(item * len(self.raters) + rater)) < len(item):
            raise RequestError("some raters chose several labels for one item: a matrix holds one a cell; use counts")
        result = np.full((len(self.items), max(1, len(self.raters))), -1, dtype=np.int64)
        result[item, rater] = label
        return result

    def need_raters(self, purpose: str) -> None:
        """Raise RequestError unless it is known who gave which vote."""
        if not self.raters:
            raise RequestError(f"{purpose} needs to know who voted; this table holds counts or no vote at all")

    def targets(self, rule: str = "all", **options: Any) -> Targets:
        """What to train on or test against under a rule; see `mien.raters.targets.targets`."""
        from mien.raters.targets import targets

        return targets(self, rule, **options)

    def agreement(self, **options: Any) -> dict[str, Agreement]:
        """Every agreement statistic that these votes allow, by id; see `mien.raters.summary.agreement`."""
        from mien.raters.summary import agreement

        return agreement(self, **options)

    def __repr__(self) -> str:
        who = f"{len(self.raters)} raters" if self.raters else "raters not known"
        return f"Votes({len(self.items)} items, {who}, {len(self.item)} selections of {', '.join(self.options)})"
