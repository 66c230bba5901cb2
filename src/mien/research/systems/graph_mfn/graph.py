"""The dynamic fusion graph: a vertex for every group of modalities, fed by all smaller groups inside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import torch
from torch import Tensor, nn

Group = tuple[int, ...]


def groups(members: Sequence[int]) -> Iterator[Group]:
    """All groups of these members, small ones first."""
    for size in range(1, len(members) + 1):
        yield from combinations(members, size)


class FusionGraph(nn.Module):
    """`count` vectors of one width -> one of that width (Zadeh et al. 2018, section 4.2).

    Every edge is weighted by an efficacy, computed from the vectors; the last vertex is fed by all the others.
    """

    def __init__(self, count: int, width: int, inner: int) -> None:
        super().__init__()
        self.all = tuple(groups(range(count)))
        self.edges = {group: tuple(groups(group))[:-1] for group in self.all if len(group) > 1}
        total = sum(map(len, self.edges.values())) + len(self.all)
        self.efficacies = nn.Sequential(
            nn.Linear(count * width, inner), nn.Linear(inner, width), nn.Linear(width, total)
        )
        self.vertices = nn.ModuleDict(
            {_name(group): _vertex(len(edges) * width, width, inner) for group, edges in self.edges.items()}
        )
        self.last = _vertex(len(self.all) * width, width, inner)

    def forward(self, vectors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """vectors (..., width) -> (..., width) and the efficacies (..., edges)."""
        efficacies = self.efficacies(torch.cat(list(vectors), dim=-1))
        told: dict[Group, Tensor] = {(place,): values for place, values in enumerate(vectors)}
        used = 0
        for group, edges in self.edges.items():
            told[group] = self.vertices[_name(group)](_weighed(told, edges, efficacies[..., used:]))
            used += len(edges)
        return self.last(_weighed(told, self.all, efficacies[..., used:])), efficacies


def _vertex(width: int, out: int, inner: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, inner), nn.Linear(inner, out))


def _name(group: Group) -> str:
    return "+".join(map(str, group))


def _weighed(told: dict[Group, Tensor], edges: Sequence[Group], efficacies: Tensor) -> Tensor:
    return torch.cat([told[edge] * efficacies[..., place, None] for place, edge in enumerate(edges)], dim=-1)
