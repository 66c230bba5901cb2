"""Missing data for any model: samples go in, the same samples with less to see come out.

Source: the six protocols of CIDer (arXiv 2506.10452; masks.py says what each draws). Each sample draws from its own
generator, seeded by (seed, its id): masks depend neither on order, padding nor batch, and the same seed at every rate
gives nested masks (all protocols but stmfm). A modality that loses every step is absent.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from mien.errors import RequestError
from mien.research.protocols.masks import Draws, Mask, Masks, rmfm, rmfm_same, rmm, smm, stmfm, tmfm
from mien.research.samples import Sample
from mien.research.samples import in_order as in_order

Mode = Literal["rmfm", "rmfm_same", "rmm", "tmfm", "stmfm", "smm"]
MODES: tuple[Mode, ...] = get_args(Mode)
ALIGNED: tuple[Mode, ...] = ("tmfm", "stmfm")
SHADOWS = {"text_counterfactual": "text"}
"""Modalities that are another way to see one, and miss what that one misses."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One condition: a protocol, what it takes away, and the seed.

    rate: in [0, 1]; rates: rmfm_same only, modality -> rate, those left out get `rate`; available: smm only, what is
    left whole; ends: modalities whose first and last steps are marks ([CLS], [SEP]) and stay. States of a contextual
    encoder kept there still hold the sentence, so nothing is kept unless asked for.
    """

    mode: Mode
    rate: float = 0.0
    rates: Mapping[str, float] | None = None
    available: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    seed: int = 1111

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise RequestError(f"unknown protocol {self.mode!r}; allowed: {', '.join(MODES)}")
        for rate in (self.rate, *(self.rates or {}).values()):
            if not 0 <= rate <= 1:
                raise RequestError(f"missing rate {rate!r}: a number from 0 to 1 is needed")
        if self.rates is not None and self.mode != "rmfm_same":
            raise RequestError(f"{self.mode} has one rate for all modalities; rates by modality are rmfm_same's")

    def __str__(self) -> str:
        if self.mode == "smm":
            return f"smm: only {', '.join(self.available) or 'nothing'} available"
        rates = ", ".join(f"{name} {rate:g}" for name, rate in (self.rates or {}).items())
        return f"{self.mode} at rate {rates or f'{self.rate:g}'}, seed {self.seed}"

    def kept(self, sample: Sample) -> Masks:
        """Modality -> (time,) bool of this sample: the steps that are still seen."""
        real = {name: steps_seen(sample, name)[None] for name in in_order(sample.features) if name not in SHADOWS}
        if not real:
            return {}
        draws = np.random.default_rng([self.seed, zlib.crc32(sample.id.encode())])
        # Steps that a modality lacks stand in their place: what is aligned stays so.
        whole = {name: np.ones_like(mask) for name, mask in real.items()} if self.mode in ALIGNED else real
        try:
            found = {name: mask[0] & real[name][0] for name, mask in self._masks(whole, draws).items()}
        except RequestError as error:
            raise RequestError(f"sample {sample.id}: {error}") from error
        for shadow in SHADOWS.keys() & sample.features.keys():
            own, one = steps_seen(sample, shadow), found.get(SHADOWS[shadow], np.zeros(1, bool))
            found[shadow] = own & (one if len(one) == len(own) else one.any())
        return found

    def _masks(self, real: Mapping[str, Mask], draws: Draws) -> Masks:
        if self.mode == "smm":
            return smm(real, set(self.available) & set(real), ends=self.ends)
        if self.mode == "rmfm_same":
            given = self.rates or {}
            return rmfm_same(real, {name: given.get(name, self.rate) for name in real}, draws, ends=self.ends)
        rule = {"rmfm": rmfm, "rmm": rmm, "tmfm": tmfm, "stmfm": stmfm}[self.mode]
        return rule(real, self.rate, draws, ends=self.ends)


def remove(samples: Iterable[Sample], missing: Missing) -> tuple[Sample, ...]:
    """The samples with what is missing taken away; a sample that loses nothing is returned itself.

    Missing steps are marked in `Sample.seen` and stay in place, so that times and alignment hold; a modality without
    a step left is absent. RequestError: tmfm or stmfm of modalities that are not aligned, naming the sample.
    """
    return tuple(_removed(sample, missing.kept(sample)) for sample in samples)


def only(samples: Iterable[Sample], available: Collection[str]) -> tuple[Sample, ...]:
    """The samples with these whole modalities and no other. RequestError for one that no sample has."""
    samples = tuple(samples)
    known = {name for sample in samples for name in sample.features}
    if unknown := sorted(set(available) - known):
        raise RequestError(f"no sample has {', '.join(unknown)}; there are: {', '.join(in_order(known))}")
    return remove(samples, Missing("smm", available=tuple(available)))


def steps_seen(sample: Sample, name: str) -> Mask:
    """(time,) bool: steps of a modality that a sample has and shows; RequestError where `seen` is of another length."""
    length = len(sample.features[name])
    seen = np.asarray(sample.seen.get(name, np.ones(length, bool)), bool)
    if seen.shape != (length,):
        raise RequestError(f"{sample.id}: seen must name {length} steps of {name}, got {seen.shape}")
    return seen


def _removed(sample: Sample, kept: Masks) -> Sample:
    if all((mask == steps_seen(sample, name)).all() for name, mask in kept.items()):
        return sample
    features = {name: values for name, values in sample.features.items() if kept[name].any()}
    seen = {name: kept[name] for name in features if not kept[name].all()}
    return replace(sample, features=features, seen=seen)
