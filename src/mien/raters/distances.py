"""Distances between sets of labels, for votes with several labels: Jaccard and MASI."""

from __future__ import annotations

import numpy as np

from mien.raters.arrays import Booleans, Floats
from mien.raters.votes import Votes


def jaccard(sets: Booleans) -> Floats:
    """1 - intersection over union of each pair of sets, bool, shape (sets, labels); in [0, 1], two empty sets 0."""
    both, either = _overlap(sets)
    return 1 - np.divide(both, either, out=np.ones_like(both), where=either > 0)


def masi(sets: Booleans) -> Floats:
    """1 - Jaccard · monotonicity: 1 for equal sets, 2/3 if one holds the other, 1/3 if they overlap, 0 if they do not.

    Source: Passonneau 2006, "Measuring agreement on set-valued items (MASI)".
    """
    both, either = _overlap(sets)
    size = sets.sum(axis=1)
    nested = both == np.minimum(size[:, None], size)
    same = (both == either).astype(np.float64)
    step = np.where(same > 0, 1.0, np.where(nested & (both > 0), 2 / 3, np.where(both > 0, 1 / 3, 0.0)))
    return 1 - np.divide(both, either, out=np.ones_like(both), where=either > 0) * step


def _overlap(sets: Booleans) -> tuple[Floats, Floats]:
    """Sizes of the intersection and of the union of each pair."""
    array = sets.astype(np.float64)
    both = array @ array.T
    size = array.sum(axis=1)
    return both, size[:, None] + size - both


def set_distances(votes: Votes, scale: str) -> tuple[Floats, Floats]:
    """(counts of each different set of labels per item, distances between those sets)."""
    votes.need_raters(f"agreement of sets ({scale})")
    vote, place = np.unique(votes.item * len(votes.raters) + votes.rater, return_inverse=True)
    chosen = np.zeros((len(vote), len(votes.options)), dtype=bool)
    chosen[place, votes.label] = True
    sets, which = np.unique(chosen, axis=0, return_inverse=True)
    item = vote // len(votes.raters)
    flat = np.bincount(item * len(sets) + which.ravel(), minlength=len(votes) * len(sets))
    counts = flat.reshape(len(votes), len(sets)).astype(np.float64)
    return counts, jaccard(sets) if scale == "jaccard" else masi(sets)
