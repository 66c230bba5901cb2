"""task + difference + similarity + reconstruction, weighted; each over the samples that have the modality."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from torch import Tensor

from mien.research.batch import Batch
from mien.research.layers.subspaces import central_moment_discrepancy, soft_orthogonality
from mien.research.layers.task import task_loss
from mien.research.output import Output
from mien.research.systems.misa.card import Config
from mien.research.systems.misa.model import Misa

Vectors = Mapping[str, Tensor]
"""Modality -> (n, width)."""


def losses(model: Misa, batch: Batch, output: Output, config: Config) -> dict[str, Tensor]:
    """Terms `task` (mean squared error of values), `diff`, `sim`, `recon`, weighted."""
    kinds = {
        kind: {name: output.extras[f"{kind}/{name}"] for name in model.names}
        for kind in ("projected", "private", "shared", "rebuilt")
    }
    present = batch.present
    return {
        "task": task_loss(output.scores, batch.target, model.task, value="mse"),
        "diff": config.diff * difference(kinds["private"], kinds["shared"], present),
        "sim": config.sim * similarity(kinds["shared"], present, config.moments),
        "recon": config.recon * reconstruction(kinds["rebuilt"], kinds["projected"], present),
    }


def difference(private: Vectors, shared: Vectors, present: Mapping[str, Tensor]) -> Tensor:
    """Sum of soft orthogonality over (private, shared) of each modality and over all pairs of private vectors."""
    terms = [soft_orthogonality(private[name][rows], shared[name][rows]) for name, rows in _rows(private, present)]
    for one, other in combinations(private, 2):
        rows = present[one] & present[other]
        if rows.any():
            terms.append(soft_orthogonality(private[one][rows], private[other][rows]))
    return _sum(terms, private)


def similarity(shared: Vectors, present: Mapping[str, Tensor], moments: int = 5) -> Tensor:
    """Mean of the central moment discrepancy over all pairs of shared vectors, on samples that have both."""
    terms = []
    for one, other in combinations(shared, 2):
        rows = present[one] & present[other]
        if rows.any():
            terms.append(central_moment_discrepancy(shared[one][rows], shared[other][rows], moments))
    return _sum(terms, shared) / max(len(terms), 1)


def reconstruction(rebuilt: Vectors, projected: Vectors, present: Mapping[str, Tensor]) -> Tensor:
    """Mean over modalities of the mean squared error of the rebuilt vectors."""
    terms = [(rebuilt[name][rows] - projected[name][rows]).square().mean() for name, rows in _rows(rebuilt, present)]
    return _sum(terms, rebuilt) / max(len(terms), 1)


def _rows(vectors: Vectors, present: Mapping[str, Tensor]) -> list[tuple[str, Tensor]]:
    return [(name, present[name]) for name in vectors if present[name].any()]


def _sum(terms: list[Tensor], like: Vectors) -> Tensor:
    """The sum, 0 where there is no term."""
    total = next(iter(like.values())).new_zeros(())
    for term in terms:
        total = total + term
    return total
