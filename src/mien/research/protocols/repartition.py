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
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.research.protocols.folds import held_out
from mien.research.samples import Data, Split, grouped_split

Counts = NDArray[np.float64]
PRIOR = 1.0
"""How many draws of a word's overall distribution are added to each part, so that rare words do not count as unlike."""


@dataclass(frozen=True, slots=True)
class Repartition:
    """The split and what it does.

    start, distance: mean Jensen-Shannon distance, in [0, 1], between training side and test, of the random cut it began
    with and of this one; priors: share of each class in (training side, test); text_only: accuracy of naive Bayes on
    words alone on (the random cut, this one); words: how many were looked at; swaps, taken: tried, made.
    """

    split: Split
    start: float
    distance: float
    priors: tuple[tuple[float, ...], tuple[float, ...]]
    text_only: tuple[float, float]
    words: int
    swaps: int
    taken: int
    seed: int

    def manifest(self, data: Data) -> dict[str, Any]:
        """All that repeats the split, as plain data: the ids of every part and how they were found."""
        parts = {"train": self.split.train, "valid": self.split.valid, "test": self.split.test}
        told = {name: getattr(self, name) for name in self.__slots__ if name != "split"}
        ids = {name: [data.samples[row].id for row in rows] for name, rows in parts.items()}
        return {"protocol": "ood_repartition", "version": 1, "data": data.name, **told, "parts": ids}


def tokens(sentence: str) -> list[str]:
    """Words in lower case, apostrophes kept."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", sentence.casefold())


def ood_repartition(
    data: Data, *, seed: int = 0, swaps: int = 20_000, words: int = 500, share: float = 0.2, valid: float = 0.15
) -> Repartition:
    """Cut whole groups into training, validation and test so that words go with other labels in test.

    swaps: tried at most; words: the most frequent that are looked at; share: of the samples in test, kept to within 2 %
    of all samples as groups move whole; valid: share of the training groups, drawn at random from the training side,
    that selects: nothing of the shift may be learnt from it. Values count by the sign of the first, label sets by the
    first label. RequestError: no texts, one class only, too few groups.
    """
    rng = np.random.default_rng(seed)
    table = _Table(data, _classes(data), words)
    first = grouped_split(data.samples, (1 - share - 0.01, 0.01, share), rng)
    tested = {data.samples[row].group for row in first.test}
    begun = np.array([name in tested for name in table.groups])
    side, taken = _annealed(table, begun, 0.02 * len(data.samples), swaps, rng)
    test, rest = table.rows(side), table.rows(~side)
    split = Split(*held_out(data, rest, valid, seed), test)
    split.check(data.samples)
    count = table.by_group.shape[2]
    priors = [
        tuple((np.bincount(table.truth[list(part)], minlength=count) / len(part)).tolist()) for part in (rest, test)
    ]
    return Repartition(
        split,
        table.distance(table.counts(~begun), table.counts(begun)),
        table.distance(table.counts(~side), table.counts(side)),
        (tuple(held[0].tolist()), tuple(held[1].tolist())),
        (table.naive_bayes(begun), table.naive_bayes(side)),
        table.by_group.shape[1],
        swaps,
        taken,
        seed,
    )


def _classes(data: Data) -> NDArray[np.int64]:
    """(n,) the class; the sign of the first value as 0, 1, 2; of label sets the first label named."""
    targets = [np.ravel(np.asarray(sample.target, float)) for sample in data.samples]
    if data.task == "class":
        return np.array([int(one[0]) for one in targets], np.int64)
    if data.task == "labels":
        return np.array([int(one.argmax()) for one in targets], np.int64)
    return np.array([int(np.sign(one[0])) + 1 for one in targets], np.int64)


class _Table:
    """How often each frequent word stands beside each label, by group and by sample."""

    def __init__(self, data: Data, truth: NDArray[np.int64], words: int) -> None:
        sentences = [tokens(sample.words) for sample in data.samples]
        frequent = Counter(word for sentence in sentences for word in sentence).most_common(words)
        if not frequent:
            raise RequestError(f"{data.name} has no texts; a shift by text bias needs them (Sample.words)")
        if len(set(truth.tolist())) < 2:
            raise RequestError(f"{data.name} has one class only; a shift by text bias needs two")
        places = {word: place for place, (word, _) in enumerate(frequent)}
        self.truth, self.groups = truth, sorted({sample.group for sample in data.samples})
        at = {name: place for place, name in enumerate(self.groups)}
        self.owner = np.array([at[sample.group] for sample in data.samples])
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
