"""Missing data as a protocol: metrics over the missing rate with their area, and over the modalities that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

from mien.errors import RequestError
from mien.research.protocols.folds import HELP, folds
from mien.research.protocols.missing import MODES, Missing, Mode, in_order, remove
from mien.research.protocols.plan import Ask, Figure, Plan, asked, told
from mien.research.samples import Data, Sample


@dataclass(frozen=True, slots=True)
class Remove:
    """The change that takes away what a `Missing` says."""

    missing: Missing

    def __call__(self, samples: Sequence[Sample]) -> tuple[Sample, ...]:
        """The samples with less to see."""
        return remove(samples, self.missing)


@dataclass(frozen=True, slots=True)
class MissingRates:
    """A sweep over rates, trained on complete data; the same seed at every rate, so masks are nested (not stmfm's)."""

    name: ClassVar[str] = "missing"
    summary: ClassVar[str] = "Missing steps or modalities at rising rates, and the area under the curve (AUILC)."
    mode: str = told("rmfm, rmfm_same, rmm (whole modalities), tmfm or stmfm (aligned modalities).", "rmm")
    rates: tuple[float, ...] = told("Rates from 0 to 1, ascending.", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9))
    ends: tuple[str, ...] = told("Modalities whose first and last steps are marks and stay.", ())
    seed: int = told("Seed of what is missing.", 1111)
    split: str = told(HELP, "auto")
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """One condition a rate; the figure is the area."""
        rates, mode = self.rates, _mode(self.mode)
        if len(rates) < 2 or list(rates) != sorted(set(rates)) or rates[0] < 0 or rates[-1] > 1:
            raise RequestError(f"rates {list(rates)}: at least two are needed, ascending within 0 and 1")
        changes = [Remove(Missing(mode, rate, ends=self.ends, seed=self.seed)) for rate in rates]
        names = [f"rate {rate:g}" for rate in rates]
        weights = [
            ((rates[at + 1] if at + 1 < len(rates) else rate) - (rates[at - 1] if at else rate)) / 2
            for at, rate in enumerate(rates)
        ]
        area = Figure(f"AUILC {rates[0]:g}-{rates[-1]:g}", dict(zip(names, weights, strict=True)))
        loss = Figure(f"rate {rates[-1]:g} minus rate {rates[0]:g}", {names[-1]: 1.0, names[0]: -1.0}, "neither")
        return asked(
            data, folds(data, self.split, seed=self.split_seed, valid=self.valid),
            lambda rows: tuple(Ask(name, rows, change) for name, change in zip(names, changes, strict=True)),
            figures=(area, loss),
            notes=(f"{self.mode}, seed {self.seed}; trained on what the training part has, without taking any away",),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Modalities:
    """Whole modalities missing: every set of those there are (smm), the system trained once on all of them."""

    name: ClassVar[str] = "modalities"
    summary: ClassVar[str] = "Each set of modalities alone, the others missing whole."
    split: str = told(HELP, "auto")
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """One condition a set of modalities, single ones first; RequestError where there is only one."""
        names = in_order(data.shape().widths)
        if len(names) < 2:
            raise RequestError(f"{data.name} has one modality only ({', '.join(names)}); nothing can be left out")
        sets = [chosen for size in range(1, len(names) + 1) for chosen in combinations(names, size)]
        whole = "+".join(names)
        figures = tuple(
            Figure(f"without {one} minus all", {"+".join(other for other in names if other != one): 1.0, whole: -1.0},
                   "neither")
            for one in names
        )  # fmt: skip
        return asked(
            data, folds(data, self.split, seed=self.split_seed, valid=self.valid),
            lambda rows: tuple(
                Ask("+".join(chosen), rows, Remove(Missing("smm", available=chosen))) for chosen in sets
            ),
            figures=figures, notes=("trained on all modalities; in a test condition only those named are there",),
        )  # fmt: skip


def _mode(name: str) -> Mode:
    for mode in MODES:
        if mode == name and mode != "smm":
            return mode
    raise RequestError(f"no missing protocol {name!r} with rates; allowed: {', '.join(set(MODES) - {'smm'})}")
