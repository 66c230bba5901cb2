"""From probabilities of basic emotions to a compound, with the reason and the choice to name none (NumPy only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.affect.compound import PAIRS, compound_pairs, compound_scores, non_neutral_mass
from mien.affect.space import SPACES
from mien.analysis.fusion.pool import mix
from mien.errors import RequestError

COMPOUNDS = SPACES["cexpr7"].labels


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """compound: the first of the highest scores; scores (7,): no probabilities; basics: the pair it is made of;
    mass: probability on anything but neutral and other; abstain: whether that is too little to name a compound;
    shares: branch -> its share of that pair's score, they sum to 1."""

    compound: str
    scores: NDArray[np.float64]
    basics: tuple[str, str]
    mass: float
    abstain: bool
    shares: Mapping[str, float]


def tell(
    branches: Mapping[str, NDArray[np.floating]], order: Sequence[str], *,
    weights: Mapping[str, NDArray[np.floating]] | None = None, balanced: bool = False, masked: bool = False,
    least: float = 0.5,
) -> Told:  # fmt: skip
    """The compound of one segment from the branches that are there: name -> (classes,) probabilities in `order`.

    weights: name -> (classes,) as `RasCompound.table` gives, equal ones where left out; they are spread over the
    branches present, as `mien analyze` does. balanced, masked: of `compound_scores`. RequestError without any branch.
    """
    if not branches:
        raise RequestError("no branch gives an answer: nothing can be fused")
    names = list(branches)
    values = np.stack([np.asarray(branches[name], float) for name in names])
    if values.shape[1:] != (len(order),):
        raise RequestError(f"each branch must give {len(order)} probabilities ({', '.join(order)})")
    factors = np.stack([np.asarray(weights[name], float) if weights else np.ones(len(order)) for name in names])
    fused = mix(values, factors)
    fused = fused / max(fused.sum(), 1e-12)
    scores = compound_scores(fused, order, balanced=balanced, masked=masked)
    best = int(np.argmax(scores))
    pair = list(compound_pairs(order)[best])
    parts = (values * factors / factors.sum(axis=0).clip(1e-12))[:, pair].sum(axis=1)
    parts = parts / parts.sum() if parts.sum() > 0 else np.full(len(names), 1 / len(names))
    mass = float(non_neutral_mass(fused, order))
    shares = dict(zip(names, parts.tolist(), strict=True))
    return Told(COMPOUNDS[best], scores, PAIRS[best], mass, mass < least, shares)
