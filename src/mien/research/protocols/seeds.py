"""Repeated seeds: the same cut, another start each time; mean, deviation and interval of what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mien.research.protocols.folds import HELP, folds
from mien.research.protocols.plan import Plan, plain_plan, told
from mien.research.samples import Data


@dataclass(frozen=True, slots=True)
class Seeds:
    """Complete data, as it is; seeds are those of the run."""

    name: ClassVar[str] = "seeds"
    summary: ClassVar[str] = "Repeated seeds on one cut: mean, deviation, interval."
    split: str = told(HELP, "auto")
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """One complete condition."""
        return plain_plan(data, folds(data, self.split, seed=self.split_seed, valid=self.valid))
