"""How a data set is cut: its owners' parts, a random cut of whole groups, k folds, one speaker out (no torch)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from mien.errors import RequestError
from mien.research.samples import Data, Split, grouped_split

HOW = ("auto", "parts", "random", "folds:K", "speakers")
HELP = "auto (the owners' parts, else random), parts, random, folds:K (whole groups), speakers (one out)."
SPLITS = list[tuple[str, Split]]
_VALID = ("valid", "dev", "val", "validation")


def folds(data: Data, how: str = "auto", *, seed: int = 0, valid: float = 0.15) -> SPLITS:
    """Named splits whose groups never meet.

    how: one of `HOW`; seed: of the cut, which stays the same for all systems and training seeds; valid: share of the
    training groups that selects the epoch, 0 for none (the last epoch is kept); the owners' own validation part is
    used where there is one. RequestError: another `how`, no such parts, too few groups; DataError: a group in two.
    """
    if not 0 <= valid < 1 or (how == "random" and valid >= 0.8):
        raise RequestError(f"valid {valid:g}: a share from 0 to below 1 (below 0.8 at random, which tests on 0.2)")
    if how == "auto":
        how = "parts" if {"train", "test"} <= set(data.parts) else "random"
    if how == "parts":
        found = [("owners' parts", _parts(data, seed, valid))]
    elif how == "random":
        found = [("random groups", _random(data, seed, valid))]
    elif how == "speakers":
        found = _one_out(data, [sample.speaker or sample.group for sample in data.samples], seed, valid)
    elif how.startswith("folds:") and how[6:].isdigit() and int(how[6:]) > 1:
        found = _folds(data, int(how[6:]), seed, valid)
    else:
        raise RequestError(f"no split {how!r}; allowed: {', '.join(HOW)} with K of 2 or more")
    for _, one in found:
        one.check(data.samples)
    return found


def held_out(data: Data, rows: Collection[int], share: float, seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Training rows cut into (train, valid) by whole groups; valid is empty for a share of 0 or a single group."""
    if not 0 <= share < 1:
        raise RequestError(f"valid {share:g}: a share of the training groups is needed, from 0 to below 1")
    groups = sorted({data.samples[row].group for row in rows})
    count = min(max(round(share * len(groups)), 1), len(groups) - 1) if share > 0 else 0
    taken = set(np.random.default_rng([seed, len(groups)]).permutation(groups)[:count].tolist())
    return _where(data, rows, lambda group: group not in taken), _where(data, rows, lambda group: group in taken)


def _where(data: Data, rows: Iterable[int], wanted: object) -> tuple[int, ...]:
    assert callable(wanted)
    return tuple(row for row in rows if wanted(data.samples[row].group))


def _parts(data: Data, seed: int, valid: float) -> Split:
    parts = data.parts
    if not {"train", "test"} <= set(parts):
        raise RequestError(
            f"{data.name} has no parts of its owners' called train and test, only: {', '.join(parts) or 'none'}; "
            "use --split random, folds:K or speakers"
        )
    if own := next((name for name in _VALID if name in parts), None):
        return Split(tuple(parts["train"]), tuple(parts[own]), tuple(parts["test"]))
    return Split(*held_out(data, parts["train"], valid, seed), tuple(parts["test"]))


def _random(data: Data, seed: int, valid: float) -> Split:
    shares = (0.8 - valid, valid, 0.2)
    split = grouped_split(data.samples, shares if valid > 0 else (0.8, 0.0, 0.2), np.random.default_rng(seed))
    return split if valid > 0 else Split(tuple(sorted(split.train + split.valid)), (), split.test)


def _one_out(data: Data, names: list[str], seed: int, valid: float) -> SPLITS:
    found = []
    if len(set(names)) < 3:
        raise RequestError(f"{data.name} has {len(set(names))} speakers; leaving one out needs three at least")
    for name in sorted(set(names)):
        test = tuple(row for row, other in enumerate(names) if other == name)
        rest = [row for row, other in enumerate(names) if other != name]
        found.append((f"without {name}", Split(*held_out(data, rest, valid, seed), test)))
    return found


def _folds(data: Data, count: int, seed: int, valid: float) -> SPLITS:
    """Whole groups dealt out, the largest first to the smallest fold; equal sizes in random order."""
    sizes: dict[str, int] = {}
    for sample in data.samples:
        sizes[sample.group] = sizes.get(sample.group, 0) + 1
    if len(sizes) < count:
        raise RequestError(f"{data.name} has {len(sizes)} groups, too few for {count} folds")
    order = np.random.default_rng(seed).permutation(sorted(sizes)).tolist()
    held, place = [0] * count, {}
    for name in sorted(order, key=lambda group: -sizes[group]):
        place[name] = held.index(min(held))
        held[place[name]] += sizes[name]
    found = []
    for fold in range(count):
        test = tuple(row for row, sample in enumerate(data.samples) if place[sample.group] == fold)
        rest = [row for row, sample in enumerate(data.samples) if place[sample.group] != fold]
        found.append((f"fold {fold + 1} of {count}", Split(*held_out(data, rest, valid, seed), test)))
    return found
