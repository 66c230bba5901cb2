"""Which steps stay when data go missing: the masks of CIDer's six protocols (NumPy only).

Source: arXiv 2506.10452 and its code gw-zhong/CIDer @2f86cbe; RMFM and AUILC come from TFR-Net, TMFM and STMFM from
NIAT. Every function takes `real` (modality -> (n, time) bool, True where a step exists) in the order in which draws
are made, and returns masks of the same shapes, True where a step stays. A step stays where its draw is above the rate.
`ends` names the modalities whose first and last real steps are marks ([CLS] and [SEP]) and always stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError

Mask = NDArray[np.bool_]
Masks = dict[str, Mask]
Rates = float | Mapping[str, float]
BY_POSITION = "position"
TEXT = frozenset({"text"})


class Draws(Protocol):
    """Where random numbers come from: a `numpy.random.Generator`, `LegacyDraws`, or numbers that were recorded."""

    def random(self, size: Any) -> Any:
        """Uniform numbers in [0, 1) of this shape."""

    def integers(self, low: int, high: int) -> Any:
        """One whole number from low to high - 1."""


class LegacyDraws:
    """Draws of `numpy.random.seed`, as the published code makes them: the same seed gives the same masks."""

    def __init__(self, seed: int) -> None:
        self._state = np.random.RandomState(seed)

    def random(self, size: Any) -> Any:
        """Uniform numbers in [0, 1) of this shape."""
        return self._state.random_sample(size)

    def integers(self, low: int, high: int) -> Any:
        """One whole number from low to high - 1."""
        return self._state.randint(low=low, high=high)


def rmfm(real: Mapping[str, Mask], rate: float | str, draws: Draws, *, ends: Collection[str] = TEXT) -> Masks:
    """Random modality feature missing: one matrix of draws over all modalities set behind one another, one rate.

    rate: in [0, 1], or "position": first a rate is drawn for every position, as published training does; each
    position is then missing with probability 1/2, whatever the modality.
    """
    joined = np.concatenate(list(real.values()), axis=1)
    limit = draws.random(joined.shape) if rate == BY_POSITION else _rate(rate)
    kept = _above(draws.random(joined.shape), limit) & joined
    cuts = np.cumsum([mask.shape[1] for mask in real.values()])[:-1]
    parts = np.split(kept, cuts, axis=1)
    return {name: _with_ends(part, real[name], name in ends) for name, part in zip(real, parts, strict=True)}


def rmfm_same(real: Mapping[str, Mask], rates: Rates, draws: Draws, *, ends: Collection[str] = TEXT) -> Masks:
    """The same by modality: a matrix of draws and a rate for each, drawn in the order of `real`."""
    kept = {}
    for name, mask in real.items():
        limit = _rate(rates[name] if isinstance(rates, Mapping) else rates)
        kept[name] = _with_ends(_above(draws.random(mask.shape), limit) & mask, mask, name in ends)
    return kept


def rmm(real: Mapping[str, Mask], rate: float, draws: Draws, *, ends: Collection[str] = TEXT) -> Masks:
    """Random modality missing: one draw for each item and modality; what is missing is missing whole, even all."""
    limit = _rate(rate)
    rows = len(next(iter(real.values())))
    stays = _above(draws.random((rows, len(real))), limit)
    return {name: _with_ends(mask & stays[:, [at]], mask, name in ends) for at, (name, mask) in enumerate(real.items())}


def tmfm(real: Mapping[str, Mask], rate: float, draws: Draws, *, ends: Collection[str] = TEXT) -> Masks:
    """Temporal missing, of aligned modalities only: one matrix of draws for all; the ends stay in all of them."""
    mask = _aligned(real, "tmfm")
    kept = _with_ends(_above(draws.random(mask.shape), _rate(rate)) & mask, mask, bool(set(ends) & set(real)))
    return {name: kept.copy() for name in real}


def stmfm(real: Mapping[str, Mask], rate: float, draws: Draws, *, ends: Collection[str] = TEXT) -> Masks:
    """Structural temporal missing, of aligned modalities only: one block of steps, the same for all.

    With ends, the block has round((length - 2) rate) steps (half to even) and begins after the first step; without,
    it has round(length rate) steps and begins anywhere. The only protocol whose masks are not nested over rates.
    """
    mask, limit = _aligned(real, "stmfm"), _rate(rate)
    marks = 1 if set(ends) & set(real) else 0
    kept = mask.copy()
    for row, length in enumerate(_lengths(mask)):
        block = max(int(np.around((length - 2 * marks) * limit)), 0)
        # With marks the last start leaves room for the closing one; a text of one mark has nothing to lose.
        last = length - block if marks else length - block + 1
        if last > marks:
            start = int(draws.integers(marks, last))
            kept[row, start : start + block] = False
    kept = _with_ends(kept, mask, bool(marks))
    return {name: kept.copy() for name in real}


def smm(real: Mapping[str, Mask], available: Collection[str], *, ends: Collection[str] = TEXT) -> Masks:
    """Specific modalities missing: only those available stay, whole, and nothing is drawn. Others are refused."""
    unknown = set(available) - set(real)
    if unknown:
        raise RequestError(f"no modality {', '.join(sorted(unknown))}; there are: {', '.join(real)}")
    return {name: _with_ends(mask & (name in available), mask, name in ends) for name, mask in real.items()}


def unknown_words(ids: NDArray[Any], real: Mask, kept: Mask, *, unknown: int = 100) -> NDArray[Any]:
    """Token ids with every missing one replaced by `unknown` (100 is [UNK] of BERT's English words); padding stays.

    ids, real, kept: (n, time). Take `unknown` from the tokenizer in use.
    """
    return np.where(np.asarray(real, bool) & ~np.asarray(kept, bool), np.asarray(unknown, ids.dtype), ids)


def zeroed(values: NDArray[Any], kept: Mask) -> NDArray[Any]:
    """(n, time, width) with zeros in rows that do not stay, for models that take no masks; kept rows bit for bit."""
    return np.where(np.asarray(kept, bool)[..., None], values, np.zeros((), values.dtype))


def _above(draws: Any, limit: Any) -> Mask:
    """Strictly above, as published; at rate 0 even a draw of exactly 0 stays."""
    kept: Mask = (np.asarray(draws) > limit) | (np.asarray(limit) == 0)
    return kept


def _rate(rate: float | str) -> float:
    if not isinstance(rate, int | float | np.floating) or not 0 <= rate <= 1:
        raise RequestError(f"missing rate {rate!r}: a number from 0 to 1 is needed")
    return float(rate)


def _lengths(mask: Mask) -> list[int]:
    """Steps up to the last real one."""
    lengths = np.where(mask.any(axis=1), mask.shape[1] - mask[:, ::-1].argmax(axis=1), 0)
    return [int(length) for length in lengths]


def _with_ends(kept: Mask, real: Mask, marked: bool) -> Mask:
    """The same with the first and last real step kept, where they are marks."""
    if not marked:
        return kept
    rows = np.flatnonzero(real.any(axis=1))
    kept = kept.copy()
    kept[rows, real[rows].argmax(axis=1)] = True
    kept[rows, np.array(_lengths(real), int)[rows] - 1] = True
    return kept


def _aligned(real: Mapping[str, Mask], mode: str) -> Mask:
    """The one mask of all modalities; RequestError where they differ."""
    first, *others = real.values()
    if any(other.shape != first.shape or (other != first).any() for other in others):
        steps = ", ".join(f"{name} {_lengths(mask)[:3]}" for name, mask in real.items())
        raise RequestError(f"{mode} needs aligned modalities, as many steps in each; first lengths: {steps}")
    return first
