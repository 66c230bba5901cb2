"""Grouping pieces of speech by voice: agglomerative, average linkage on cosines, in plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 400
"""Items grouped at once: time grows with the square, so more are grouped block by block first."""


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Groups of pieces: sums (k, d), their unit vectors times seconds, added up; weights (k,) seconds."""

    sums: Floats
    weights: Floats

    def alike(self) -> Floats:
        """(k, k) mean cosine between the members of each two groups; on the diagonal, of a group with itself."""
        return mean_cosines(self.sums, self.weights, self.sums, self.weights)


@dataclass(frozen=True, slots=True, eq=False)
class Groups(Voices):
    """Voices with labels (n,) int: the group of each item, 0 for that of the first, then in order of appearance."""

    labels: NDArray[np.int64]


def mean_cosines(sums: Floats, weights: Floats, others: Floats, other_weights: Floats) -> Floats:
    """(n, m) mean cosine between the members of each of n and of m groups: products of sums over those of weights."""
    product: Floats = sums @ others.T / np.maximum(weights[:, None] * other_weights[None], 1e-12)
    return product


def group(sums: Floats, weights: Floats, least: float, *, keep: int = 1) -> Groups:
    """Join the two most alike groups until none are more alike than `least` or `keep` groups are left.

    sums (n, d): unit vectors times their weights, added up; weights (n,) seconds, above 0. More than `BLOCK` items are
    first grouped block by block with a stricter bound, so that hours of speech cost what minutes cost, per minute.
    """
    sums, weights = np.asarray(sums, np.float64), np.asarray(weights, np.float64)
    labels = np.arange(len(weights))
    while len(weights) > BLOCK:
        before, parts = len(weights), []
        for start in range(0, before, BLOCK):
            stop = min(start + BLOCK, before)
            fewest = (stop - start) // 4 + 1
            parts.append(start + _ordered(_join(sums[start:stop], weights[start:stop], least, fewest)))
        inner = _ordered(np.concatenate(parts))
        sums, weights, labels = _sum(inner, sums), _sum(inner, weights), inner[labels]
        if len(weights) == before:
            break
    final = _ordered(_join(sums, weights, least, keep))
    return Groups(_sum(final, sums), _sum(final, weights), final[labels])


def _join(sums: Floats, weights: Floats, least: float, keep: int) -> NDArray[np.int64]:
    owner, gone = np.arange(len(weights)), np.zeros(len(weights), bool)
    sums, weights = sums.copy(), weights.copy()
    alike = mean_cosines(sums, weights, sums, weights)
    np.fill_diagonal(alike, -np.inf)
    for _ in range(len(weights) - keep):
        a, b = sorted(divmod(int(np.argmax(alike)), len(weights)))
        if alike[a, b] <= least:
            break
        owner[owner == b] = a
        sums[a] += sums[b]
        weights[a] += weights[b]
        row = sums @ sums[a] / np.maximum(weights * weights[a], 1e-12)
        gone[b] = True
        row[gone] = row[a] = -np.inf
        alike[a], alike[:, a] = row, row
        alike[b], alike[:, b] = -np.inf, -np.inf
    return owner


def _ordered(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels 0, 1, ... in order of first appearance."""
    _, first, inverse = np.unique(owner, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _sum(labels: NDArray[np.int64], values: Floats) -> Floats:
    total = np.zeros((int(labels.max(initial=-1)) + 1, *values.shape[1:]))
    np.add.at(total, labels, values)
    return total
