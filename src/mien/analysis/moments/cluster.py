"""Grouping pieces of speech by voice: agglomerative, average linkage on cosines, in plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 400
"""Items grouped at once: time grows with the square, so more are grouped block by block first."""
SLACK = 0.6
"""Cosine times seconds: by how much two groups count as nearer than their mean cosine, divided by the seconds of the
smaller one. A mean over little speech scatters; without this, one strange shout founds a voice."""
STEADY = 15.0
"""Seconds from which more speech no longer helps: what one person's moods put between takes is left."""


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Groups of pieces: sums (k, d), their unit vectors times seconds, added up; weights (k,) seconds."""

    sums: Floats
    weights: Floats

    def near(self) -> Floats:
        """(k, k) nearness of each two groups."""
        return nearness(self.sums, self.weights, self.sums, self.weights)


@dataclass(frozen=True, slots=True, eq=False)
class Groups(Voices):
    """Voices with labels (n,) int: the group of each item, 0 for that of the first, then in order of appearance."""

    labels: NDArray[np.int64]


def mean_cosines(sums: Floats, weights: Floats, others: Floats, other_weights: Floats) -> Floats:
    """(n, m) mean cosine between the members of each of n and of m groups: products of sums over those of weights."""
    product: Floats = sums @ others.T / np.maximum(weights[:, None] * other_weights[None], 1e-12)
    return product


def nearness(sums: Floats, weights: Floats, others: Floats, other_weights: Floats) -> Floats:
    """(n, m) mean cosine, and what the smaller group's few seconds leave open (`SLACK`)."""
    smaller = np.clip(np.minimum(weights[:, None], other_weights[None]), 0.1, STEADY)
    near: Floats = mean_cosines(sums, weights, others, other_weights) + SLACK / smaller
    return near


def group(sums: Floats, weights: Floats, least: float, *, keep: int = 1) -> Groups:
    """Join the two nearest groups until none are nearer than `least` or `keep` groups are left.

    sums (n, d): unit vectors times their weights, added up; weights (n,) seconds, above 0. More than `BLOCK` items are
    first thinned out block by block, so that hours of speech cost per minute what minutes cost.
    """
    sums, weights = np.asarray(sums, np.float64), np.asarray(weights, np.float64)
    labels = np.arange(len(weights))
    while len(weights) > BLOCK:
        parts = []
        for start in range(0, len(weights), BLOCK):
            block = slice(start, start + BLOCK)
            fewest = len(weights[block]) // 4 + 1
            parts.append(start + _join(sums[block], weights[block], least, fewest))
        inner = _ordered(np.concatenate(parts))
        if inner.max() + 1 == len(weights):
            break
        sums, weights, labels = _sum(inner, sums), _sum(inner, weights), inner[labels]
    final = _ordered(_join(sums, weights, least, keep))
    return Groups(_sum(final, sums), _sum(final, weights), final[labels])


def _join(sums: Floats, weights: Floats, least: float, keep: int) -> NDArray[np.int64]:
    """Index of the first member of each item's group."""
    owner, gone = np.arange(len(weights)), np.zeros(len(weights), bool)
    sums, weights = sums.copy(), weights.copy()
    near = nearness(sums, weights, sums, weights)
    np.fill_diagonal(near, -np.inf)
    for _ in range(len(weights) - keep):
        a, b = sorted(divmod(int(np.argmax(near)), len(weights)))
        if near[a, b] <= least:
            break
        owner[owner == b] = a
        sums[a] += sums[b]
        weights[a] += weights[b]
        gone[b] = True
        row = nearness(sums, weights, sums[a : a + 1], weights[a : a + 1])[:, 0]
        row[gone] = row[a] = -np.inf
        near[a], near[:, a] = row, row
        near[b], near[:, b] = -np.inf, -np.inf
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
