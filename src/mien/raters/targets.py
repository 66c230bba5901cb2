"""Rules that make training and test targets out of votes, and a report of what each rule throws away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.affect.distribution import Distribution
from mien.affect.space import Space
from mien.errors import RequestError
from mien.raters import soft
from mien.raters.arrays import Booleans, Floats, Integers
from mien.raters.votes import Votes

RULES = ("majority", "plurality", "all", "union", "intersection", "at-least")


@dataclass(frozen=True, slots=True)
class LossReport:
    """Where the selections went; used + outside + other + dropped = selections, missing cells come on top.

    items, kept: number of items, and of those with a target; selections: all that raters chose; used: those that reach
    the target; outside: answers that are no class, in kept items; other: classes in kept items that the target leaves
    out; dropped: all selections of dropped items; missing: cells without an answer;
    without_labels: kept items in which no share exceeds 1/C, so that they have no multi-label target.
    """

    items: int
    kept: int
    selections: int
    used: int
    outside: int
    other: int
    dropped: int
    missing: int
    without_labels: int

    @property
    def data_loss(self) -> float:
        """Share of items without a target, in [0, 1]; NaN without items."""
        return 1 - self.kept / self.items if self.items else float("nan")

    @property
    def rating_loss(self) -> float:
        """Share of selections that do not reach the target, in [0, 1]; NaN without selections."""
        return 1 - self.used / self.selections if self.selections else float("nan")

    def __str__(self) -> str:
        return (
            f"{self.kept} of {self.items} items kept ({self.data_loss:.1%} lost); {self.used} of {self.selections} "
            f"selections used ({self.rating_loss:.1%} lost: {self.dropped} in dropped items, {self.other} other "
            f"classes, {self.outside} outside); {self.without_labels} items without multi-label target"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What a rule made of the votes.

    rule: its name; space: the classes; items: ids; kept: bool, shape (items,), which items have a target;
    label: int64, shape (items,), the consensus class or -1; top: bool, shape (items, classes), the classes with most
    votes (several in a tie); distribution: float64, shape (items, classes), shares of the votes inside the classes,
    NaN where there is none (the same under every rule); sets: bool, shape (items, classes), the labels as a set;
    report: what was thrown away.
    """

    rule: str
    space: Space
    items: tuple[str, ...]
    kept: Booleans
    label: Integers
    top: Booleans
    distribution: Floats
    sets: Booleans
    report: LossReport

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the space's order."""
        return self.space.labels

    def answers(self) -> list[Distribution | None]:
        """Each item's shares as a `Distribution`, None where it has no vote inside the classes."""
        there = np.asarray(np.isfinite(self.distribution).all(axis=1))
        return [Distribution(self.space, row) if ok else None for row, ok in zip(self.distribution, there, strict=True)]

    def smoothed(self, epsilon: float = 0.05, *, smoothing: str = "uniform") -> Floats:
        """The distribution with label smoothing; see `mien.raters.soft.smooth`."""
        return soft.smooth(self.distribution, epsilon, smoothing=smoothing)

    def hard(self, generator: np.random.Generator) -> Integers:
        """One class an item for training: the consensus, else a top class drawn at random; -1 where dropped.

        Never for test targets: there, an item without consensus has a distribution and no label.
        """
        chance = np.where(self.top, generator.random(self.top.shape), -1.0)
        return np.where(self.kept & (self.label < 0) & self.top.any(axis=1), chance.argmax(axis=1), self.label)

    def names(self) -> list[str | None]:
        """The consensus class of each item by name, None where there is none."""
        return [self.labels[code] if code >= 0 else None for code in self.label.tolist()]

    def named_sets(self) -> list[tuple[str, ...]]:
        """The set of labels of each item by name, in the order of the classes."""
        return [
            tuple(name for name, there in zip(self.labels, row, strict=True) if there) for row in self.sets.tolist()
        ]


def targets(
    votes: Votes, rule: str = "all", *, outside_can_win: bool = True, least: int = 2, ignore_below: int = 1
) -> Targets:
    """Targets under a rule.

    rule: "majority": the class with more than half of all selections, outside ones counted; "plurality": the class
    with more selections than every other option (a tie, or an outside answer on top, drops the item; outside_can_win
    False leaves outside answers aside); "all" (all-inclusive): every item with a vote inside the classes, as a
    distribution; "union": every label somebody gave; "intersection": the labels that every rater of the item gave
    (empty where they differ); "at-least": labels that at least `least` raters gave.
    ignore_below: an option with fewer selections on an item counts as none there (FER+ takes 2: single votes are
    noise; with rule "majority" that is its published majority target).
    Source: Chou 2025 (arXiv 2510.05934), sections 1.2.4 and 4.3. Raises RequestError for an unknown rule.

    >>> votes = Votes.of([["n", "n", "a", "a", "s"], ["n", "n", "h", "a", "s"], ["n", "n", "n", "a", "s"]])
    >>> targets(votes, "plurality").names()
    [None, 'n', 'n']
    >>> targets(votes, "majority").names()
    [None, None, 'n']
    """
    if rule not in RULES:
        raise RequestError(f"unknown rule {rule!r}; allowed: {', '.join(RULES)}")
    everything = np.where(votes.all_counts < ignore_below, 0, votes.all_counts)
    counts = everything[:, : len(votes.labels)]
    best = counts.max(axis=1)
    top = (counts == best[:, None]) & (best > 0)[:, None]
    label = _consensus(everything, counts, top, rule, outside_can_win)
    sets = _sets(votes, counts, rule, least)
    if rule in ("majority", "plurality"):
        kept = label >= 0
        used = np.where(kept, best, 0)
    elif rule == "all":
        kept = best > 0
        used = counts.sum(axis=1)
    else:
        kept = np.asarray(sets.any(axis=1))
        used = (counts * sets).sum(axis=1)
    report = _report(votes, kept, used, sets)
    return Targets(rule, votes.space, votes.items, kept, label, top, _shares(counts), sets, report)


def _shares(counts: Integers) -> Floats:
    return soft.shares(counts) if len(counts) else counts.astype(np.float64)


def _consensus(everything: Integers, counts: Integers, top: Booleans, rule: str, outside_can_win: bool) -> Integers:
    """The class that stands out under the rule, -1 where none does; the rules of sets take the single top class."""
    alone = top.sum(axis=1) == 1
    best = counts.max(axis=1)
    if rule == "majority":
        alone &= 2 * best > everything.sum(axis=1)
    elif rule == "plurality" and outside_can_win:
        outside = everything[:, counts.shape[1] :].max(axis=1, initial=0)
        alone &= best > outside
    return np.where(alone, top.argmax(axis=1), -1).astype(np.int64)


def _sets(votes: Votes, counts: Integers, rule: str, least: int) -> Booleans:
    if rule not in ("union", "intersection", "at-least"):
        return soft.multihot(counts) if len(counts) else counts.astype(bool)
    choosers = choosers_of(votes)[:, : len(votes.labels)]
    if rule == "union":
        return choosers > 0
    if rule == "at-least":
        return choosers >= least
    return np.asarray((choosers > 0) & (choosers == voters_of(votes)[:, None]))


def choosers_of(votes: Votes) -> Integers:
    """How many raters chose each option, int64, shape (items, options); a rater's repeats count once."""
    if not votes.raters:
        return votes.all_counts
    options = len(votes.options)
    key = np.unique((votes.item * len(votes.raters) + votes.rater) * options + votes.label)
    flat = np.bincount(key // options // len(votes.raters) * options + key % options, minlength=len(votes) * options)
    return flat.reshape(len(votes), options).astype(np.int64)


def voters_of(votes: Votes) -> Integers:
    """How many raters answered each item, int64, shape (items,); where only counts are known, selections."""
    if not votes.raters:
        return np.asarray(votes.all_counts.sum(axis=1))
    pairs = np.unique(votes.item * len(votes.raters) + votes.rater)
    return np.bincount(pairs // len(votes.raters), minlength=len(votes)).astype(np.int64)


def _report(votes: Votes, kept: Booleans, used: Integers, sets: Booleans) -> LossReport:
    everything, classes = votes.all_counts, len(votes.labels)
    inside, beyond = everything[:, :classes].sum(axis=1), everything[:, classes:].sum(axis=1)
    return LossReport(
        items=len(votes),
        kept=int(kept.sum()),
        selections=int(everything.sum()),
        used=int(used.sum()),
        outside=int(beyond[kept].sum()),
        other=int((inside - used)[kept].sum()),
        dropped=int((inside + beyond)[~kept].sum()),
        missing=votes.missing,
        without_labels=int((kept & ~sets.any(axis=1)).sum()),
    )


def per_rater(votes: Votes) -> dict[str, Targets]:
    """Each rater's own votes as soft labels over the same items; items a rater did not see are not kept.

    Raises RequestError where only counts are known.
    """
    votes.need_raters("a target per rater")
    return {rater: targets(votes.by(rater), "all") for rater in votes.raters}


def nested(votes: Votes) -> dict[str, Booleans]:
    """The nested test sets of the all-inclusive protocol as masks, bool, shape (items,).

    "MR" within "PR" within "AR" (majority, plurality, all-inclusive), and what each adds: "PR-MR", and "AR-PR", the
    most ambiguous items. Source: Chou 2025, section 4.4.4.
    """
    majority, plurality, everything = (targets(votes, rule).kept for rule in ("majority", "plurality", "all"))
    masks = {"MR": majority, "PR": plurality, "AR": everything}
    return masks | {"PR-MR": plurality & ~majority, "AR-PR": everything & ~plurality}
