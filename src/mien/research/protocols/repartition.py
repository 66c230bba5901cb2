"""A split on purpose unlike: words stand beside other labels in the test part than in training (NumPy only).

CIDer and CLUE evaluate on such splits of MOSI and MOSEI but publish only the finished files, so this is Mien's own
`ood_repartition`: keep the sizes of the parts, move whole recordings, and by simulated annealing raise the mean
Jensen-Shannon distance between P(label | word) of training and test over the most frequent words. What it changes is
the bias of words alone; recordings, and with them speakers, stay whole. The test labels are used to make the cut: it is
a stress test, no estimate of what to expect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.samples import Sample, Split, grouped_split

Counts = NDArray[np.float64]
PRIOR = 1.0
"""How many draws of a word's overall distribution are added to each part, so that rare words do not count as unlike."""


@dataclass(frozen=True, slots=True)
class Repartition:
    """The split and what it does.

    distance, distance_random: mean Jensen-Shannon distance, in [0, 1], between the training side and test, of this
    split and of the random one it began with; shares: part -> share of each class; text_only, text_only_random:
    accuracy on test of naive Bayes on words alone, here and on the random split; swaps: tried and taken; words: looked
    at.
    """

    split: Split
    distance: float
    distance_random: float
    shares: dict[str, tuple[float, ...]]
    text_only: float
    text_only_random: float
    swaps: tuple[int, int]
    seed: int
    words: int

    def manifest(self, samples: Sequence[Sample]) -> dict[str, Any]:
        """All that repeats the split, as plain data: the ids of every part and how they were found."""
        parts = {"train": self.split.train, "valid": self.split.valid, "test": self.split.test}
        told = {name: getattr(self, name) for name in self.__slots__ if name != "split"}
        ids = {name: [samples[row].id for row in rows] for name, rows in parts.items()}
        return {"protocol": "ood_repartition", "version": 1, **told, "parts": ids}


def tokens(sentence: str) -> list[str]:
    """Words in lower case, apostrophes kept."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", sentence.casefold())


def ood_repartition(
    samples: Sequence[Sample], shares: tuple[float, float, float], *, labels: Sequence[int] | None = None,
    seed: int = 0, swaps: int = 20_000, words: int = 500, slack: float = 0.02,
    split_words: Callable[[str], Sequence[str]] = tokens,
) -> Repartition:  # fmt: skip
    """Split samples into training, validation and test so that words go with other labels in test.

    shares: of the samples in each part (sizes do as well); labels: a class for each sample where its target is none
    (the sign of a sentiment); swaps: of whole groups, tried at most; words: the most frequent that are looked at;
    slack: share of all samples by which test may miss its size. Validation is drawn from the training side at random:
    nothing of the shift may be learnt from it. RequestError: no texts, one class only, too few groups.
    """
    rng = np.random.default_rng(seed)
    truth = np.array([int(sample.target) for sample in samples] if labels is None else labels, np.int64)
    table = _Table(samples, truth, words, split_words)
    start = grouped_split(samples, shares, rng)
    tested = {samples[row].group for row in start.test}
    begun = np.array([name in tested for name in table.groups])
    side, taken = _annealed(table, begun, slack * len(samples), swaps, rng)
    split = _with_validation(samples, table, side, len(start.valid), rng)
    parts = {"train": split.train, "valid": split.valid, "test": split.test}
    count = table.by_group.shape[2]
    return Repartition(
        split,
        table.distance(table.counts(~side), table.counts(side)),
        table.distance(table.counts(~begun), table.counts(begun)),
        {name: _class_shares(truth[list(rows)], count) for name, rows in parts.items() if rows},
        table.naive_bayes(side),
        table.naive_bayes(begun),
        (swaps, taken),
        seed,
        table.by_group.shape[1],
    )


def _class_shares(truth: NDArray[np.int64], classes: int) -> tuple[float, ...]:
    return tuple((np.bincount(truth, minlength=classes) / len(truth)).tolist())


def _with_validation(
    samples: Sequence[Sample], table: _Table, side: NDArray[np.bool_], wanted: int, rng: np.random.Generator
) -> Split:
    """Groups of the training side, in random order, go to validation as long as they fit."""
    valid, held = np.zeros_like(side), 0
    for place in rng.permutation(np.flatnonzero(~side)).tolist():
        if held + table.sizes[place] / 2 <= wanted:
            valid[place], held = True, held + int(table.sizes[place])
    split = Split(table.rows(~side & ~valid), table.rows(valid), table.rows(side))
    split.check(samples)
    return split


class _Table:
    """How often each frequent word stands beside each label, by group and by sample."""

    def __init__(
        self,
        samples: Sequence[Sample],
        truth: NDArray[np.int64],
        words: int,
        split_words: Callable[[str], Sequence[str]],
    ) -> None:
        sentences = [split_words(sample.words) for sample in samples]
        frequent = Counter(word for sentence in sentences for word in sentence).most_common(words)
        if not frequent or len(set(truth.tolist())) < 2:
            raise RequestError("a shift by text bias needs samples with words (Sample.words) and at least two classes")
        places = {word: place for place, (word, _) in enumerate(frequent)}
        self.truth, self.groups = truth, sorted({sample.group for sample in samples})
        at = {name: place for place, name in enumerate(self.groups)}
        self.owner = np.array([at[sample.group] for sample in samples])
        self.sizes = np.bincount(self.owner, minlength=len(at))
        self.bags = np.zeros((len(sentences), len(places)), np.float32)
        self.by_group = np.zeros((len(at), len(places), int(truth.max()) + 1), np.float32)
        for row, sentence in enumerate(sentences):
            for word in sentence:
                if word in places:
                    self.bags[row, places[word]] += 1
            self.by_group[self.owner[row], :, truth[row]] += self.bags[row]
        whole = self.by_group.sum(axis=0, dtype=float)
        self.prior = PRIOR * whole / whole.sum(axis=1, keepdims=True)

    def rows(self, groups: NDArray[np.bool_]) -> tuple[int, ...]:
        """Samples of these groups."""
        return tuple(np.flatnonzero(groups[self.owner]).tolist())

    def counts(self, groups: NDArray[np.bool_]) -> Counts:
        """(words, classes) in these groups."""
        found: Counts = self.by_group[groups].sum(axis=0, dtype=float)
        return found

    def distance(self, train: Counts, test: Counts) -> float:
        """Mean over words of the square root of the Jensen-Shannon divergence in bits."""
        one, other = (_shares(counts + self.prior) for counts in (train, test))
        divergence = _entropy((one + other) / 2) - (_entropy(one) + _entropy(other)) / 2
        return float(np.sqrt(divergence.clip(min=0)).mean())

    def naive_bayes(self, tested: NDArray[np.bool_]) -> float:
        """Accuracy on these groups of multinomial naive Bayes on words, learnt on all others, add-one smoothed."""
        counts = self.counts(~tested).T + 1
        train, test = (self.truth[list(self.rows(groups))] for groups in (~tested, tested))
        prior = np.log(np.bincount(train, minlength=len(counts)) + 1)
        scores = self.bags[list(self.rows(tested))] @ np.log(counts / counts.sum(axis=1, keepdims=True)).T + prior
        return float((scores.argmax(axis=1) == test).mean())


def _annealed(
    table: _Table, side: NDArray[np.bool_], slack: float, swaps: int, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], int]:
    """Swap a group of test with one of the rest, as long as test keeps its size within `slack`; and how many were."""
    side = side.copy()
    wanted = size = int(table.sizes[side].sum())
    train, test = table.counts(~side), table.counts(side)
    now = best = table.distance(train, test)
    best_side, done, scale = side.copy(), 0, 0.0
    for step in range(swaps):
        goes, comes = rng.choice(np.flatnonzero(side)), rng.choice(np.flatnonzero(~side))
        after = size - int(table.sizes[goes]) + int(table.sizes[comes])
        if abs(after - wanted) > slack:
            continue
        moved = table.by_group[comes].astype(float) - table.by_group[goes]
        found = table.distance(train - moved, test + moved)
        # The temperature falls from the mean change of a swap to nothing.
        scale = scale * 0.99 + abs(found - now) * 0.01
        heat = scale * (1 - step / swaps) ** 2
        if found > now or rng.random() < np.exp((found - now) / max(heat, 1e-12)):
            side[goes], side[comes] = False, True
            train, test, now, size, done = train - moved, test + moved, found, after, done + 1
            if now > best:
                best, best_side = now, side.copy()
    return best_side, done


def _shares(counts: Counts) -> Counts:
    found: Counts = counts / counts.sum(axis=1, keepdims=True)
    return found


def _entropy(shares: Counts) -> Counts:
    """(words,) in bits."""
    logs = np.log2(shares, where=shares > 0, out=np.zeros_like(shares))
    found: Counts = -(shares * logs).sum(axis=1)
    return found
