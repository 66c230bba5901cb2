"""Missing data as a protocol: metrics over the missing rate with their area, and over the modalities that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

from mien.errors import RequestError
from mien.research.protocols.folds import HELP, folds
from mien.research.protocols.missing import MODES, SHADOWS, Missing, Mode, in_order, remove
from mien.research.protocols.plan import COMPLETE, Ask, Figure, Plan, asked, told
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
    """A sweep over rates, trained on complete data; the same seed at every rate, so masks are nested (not stmfm's).

    Several modes are asked of the same trained systems: "rmfm,stmfm,smm"; conditions then begin with the mode.
    """

    name: ClassVar[str] = "missing"
    summary: ClassVar[str] = "Missing steps or modalities at rising rates, and the area under the curve (AUILC)."
    mode: str = told("rmfm, rmfm_same, rmm (whole modalities), tmfm, stmfm (aligned), smm (sets); several: a,b.", "rmm")
    rates: tuple[float, ...] = told("Rates from 0 to 1, ascending.", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9))
    ends: tuple[str, ...] = told("Modalities whose first and last steps are marks and stay.", ())
    seed: int = told("Seed of what is missing.", 1111)
    split: str = told(HELP, "auto")
    split_seed: int = told("Seed of the cut.", 0)
    valid: float = told("Share of the training groups that selects the epoch.", 0.15)

    def plan(self, data: Data) -> Plan:
        """One condition a rate (a set of modalities for smm); the figures are areas, and what is lost."""
        rates, modes = self.rates, tuple(one.strip() for one in self.mode.split(",") if one.strip())
        if unknown := [one for one in modes if one not in MODES]:
            raise RequestError(f"no missing protocol {unknown[0]!r}; allowed: {', '.join(MODES)}")
        if not modes or len(set(modes)) < len(modes):
            raise RequestError(f"--mode {self.mode!r}: name one protocol or more, each once: {', '.join(MODES)}")
        if len(rates) < 2 or list(rates) != sorted(set(rates)) or rates[0] < 0 or rates[-1] > 1:
            raise RequestError(f"rates {list(rates)}: at least two are needed, ascending within 0 and 1")
        if unknown := [name for name in self.ends if name not in data.shape().widths]:
            raise RequestError(f"ends: {data.name} has no {unknown[0]}; it has: {', '.join(data.shape().widths)}")
        changes: dict[str, Remove | None] = {}
        figures: list[Figure] = []
        for mode in modes:
            mine = _sets(data) if mode == "smm" else self._sweep(mode, alone=len(modes) == 1)
            changes |= mine[0]
            figures += mine[1]
        return asked(
            data, folds(data, self.split, seed=self.split_seed, valid=self.valid),
            lambda rows: tuple(Ask(name, rows, change) for name, change in changes.items()),
            figures=tuple(figures),
            notes=(f"{self.mode}, seed {self.seed}; trained on what the training part has, without taking any away",),
        )  # fmt: skip

    def _sweep(self, mode: str, *, alone: bool) -> tuple[dict[str, Remove | None], list[Figure]]:
        """Conditions of one mode and the area under them; without anything missing all modes are the same."""
        rates, mark = self.rates, "" if alone else f"{mode} "
        names = [COMPLETE if not rate and not alone else f"{mark or 'rate '}{rate:g}" for rate in rates]
        changes = {
            name: None if name == COMPLETE else Remove(Missing(_rated(mode), rate, ends=self.ends, seed=self.seed))
            for name, rate in zip(names, rates, strict=True)
        }
        weights = [
            ((rates[at + 1] if at + 1 < len(rates) else rate) - (rates[at - 1] if at else rate)) / 2
            for at, rate in enumerate(rates)
        ]
        area = Figure(f"{mark}AUILC {rates[0]:g}-{rates[-1]:g}", dict(zip(names, weights, strict=True)))
        lost = f"rate {rates[-1]:g} minus rate {rates[0]:g}" if alone else f"{names[-1]} minus {names[0]}"
        return changes, [area, Figure(lost, {names[-1]: 1.0, names[0]: -1.0}, "neither")]


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
        changes, figures = _sets(data)
        return asked(
            data, folds(data, self.split, seed=self.split_seed, valid=self.valid),
            lambda rows: tuple(Ask(name, rows, change) for name, change in changes.items()),
            figures=tuple(figures),
            notes=("trained on all modalities; in a test condition only those named are there",),
        )  # fmt: skip


def _sets(data: Data) -> tuple[dict[str, Remove | None], list[Figure]]:
    """A condition for each set of modalities, and what is lost without each; RequestError where there is only one."""
    names = in_order(data.shape().widths.keys() - SHADOWS.keys())
    if len(names) < 2:
        raise RequestError(f"{data.name} has one modality only ({', '.join(names)}); nothing can be left out")
    sets = [chosen for size in range(1, len(names) + 1) for chosen in combinations(names, size)]
    whole = "+".join(names)
    figures = [
        Figure(f"without {one} minus all", {"+".join(other for other in names if other != one): 1.0, whole: -1.0},
               "neither")
        for one in names
    ]  # fmt: skip
    return {"+".join(chosen): Remove(Missing("smm", available=chosen)) for chosen in sets}, figures


def _rated(name: str) -> Mode:
    for mode in MODES:
        if mode == name:
            return mode
    raise RequestError(f"no missing protocol {name!r}; allowed: {', '.join(MODES)}")
