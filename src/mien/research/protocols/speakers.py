"""Speakers out, and folds of whole groups: everybody is tested once, by a system that never met them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mien.research.protocols.folds import folds
from mien.research.protocols.plan import Plan, plain_plan, told
from mien.research.samples import Data

POOLED = "answers of all folds are pooled before a metric is taken; each speaker or group is tested exactly once"


@dataclass(frozen=True, slots=True)
class SpeakersOut:
    """Leave one speaker out (the group where speakers are not known)."""

    name: ClassVar[str] = "speakers"
    summary: ClassVar[str] = "Leave one speaker out, each in turn."
    split_seed: int = told("Seed that picks the validation groups.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """A trial for each speaker."""
        return plain_plan(data, folds(data, "speakers", seed=self.split_seed, valid=self.valid), (POOLED,))


@dataclass(frozen=True, slots=True)
class GroupFolds:
    """k folds of whole groups."""

    name: ClassVar[str] = "folds"
    summary: ClassVar[str] = "K folds of whole groups."
    k: int = told("Number of folds.", 5)
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """A trial for each fold."""
        return plain_plan(data, folds(data, f"folds:{self.k}", seed=self.split_seed, valid=self.valid), (POOLED,))
