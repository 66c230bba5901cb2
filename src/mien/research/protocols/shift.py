"""Shift by text bias: a cut where words go with other labels in test than in training, beside the random one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mien.errors import RequestError
from mien.research.protocols.measures import measures
from mien.research.protocols.plan import Ask, Figure, Plan, Trial, told
from mien.research.protocols.repartition import Repartition, ood_repartition
from mien.research.samples import Data


@dataclass(frozen=True, slots=True)
class Shift:
    """The shifted cut beside the random cut it was made from: two trainings, two test parts of about one size."""

    name: ClassVar[str] = "shift"
    summary: ClassVar[str] = "A cut where words go with other labels in test than in training, beside a random one."
    swaps: int = told("Swaps of whole groups tried at most.", 20_000)
    words: int = told("The most frequent words that are looked at.", 500)
    share: float = told("Share of the samples in test.", 0.2)
    valid: float = told("Share of the samples that selects the epoch.", 0.12)
    split_seed: int = told("Seed of both cuts.", 0)

    def plan(self, data: Data) -> Plan:
        """Conditions "random" and "shifted"; the figure is the loss from one to the other. RequestError: no texts."""
        cuts = {"random": self._cut(data, 0), "shifted": self._cut(data, self.swaps)}
        trials = tuple(
            Trial(name, cut.split.train, cut.split.valid, (Ask(name, cut.split.test),)) for name, cut in cuts.items()
        )
        moved = cuts["shifted"]
        shares = "; ".join(
            f"{name} {', '.join(f'{value:.3f}' for value in cut.shares['test'])}" for name, cut in cuts.items()
        )
        notes = (
            f"word-label distance between training and test: random {moved.distance_random:.4f}, shifted "
            f"{moved.distance:.4f} ({moved.words} words, {moved.swaps[0]} swaps tried)",
            f"naive Bayes on words alone: accuracy {moved.text_only_random:.3f} random, {moved.text_only:.3f} shifted",
            f"class shares in test: {shares}",
            "the cut was made by looking at the test labels: a stress test, no estimate of what to expect",
        )
        loss = Figure("shifted minus random", {"shifted": 1.0, "random": -1.0}, "neither")
        return Plan(trials, measures(data), (loss,), notes)

    def _cut(self, data: Data, swaps: int) -> Repartition:
        if not any(sample.words for sample in data.samples):
            raise RequestError(f"{data.name} has no texts; a shift by text bias needs them")
        if not (self.share > 0 and self.valid >= 0 and self.share + self.valid < 1):
            raise RequestError(f"share {self.share:g} and valid {self.valid:g}: 0 and more, together below 1")
        shares = (1 - self.share - self.valid, self.valid, self.share)
        return ood_repartition(
            data.samples, shares, labels=classes(data), seed=self.split_seed, swaps=swaps, words=self.words
        )


def classes(data: Data) -> list[int] | None:
    """The class of each sample: None where targets are classes, the sign of the first value, the first label named."""
    if data.task == "class":
        return None
    if data.task == "labels":
        return [int(np.argmax(sample.target)) for sample in data.samples]
    return [int(np.sign(np.ravel(sample.target)[0])) + 1 for sample in data.samples]
