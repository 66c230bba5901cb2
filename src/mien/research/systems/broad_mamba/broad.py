"""The broad learning system (Chen and Liu, IEEE TNNLS 29(1), 2018): random nodes, and a ridge solved in closed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

Node = Literal["identity", "tanh"]

PHI: dict[Node, Callable[[Tensor], Tensor]] = {"identity": lambda x: x, "tanh": torch.tanh}


class BroadNodes(nn.Module):
    """Feature nodes Z_g = phi([h, 1] W_g) of all groups and enhancement nodes E = tanh([Z, 1] W_e); nothing is learnt.

    The weights are buffers, so that a saved model has its own. Identity nodes span width + 1 dimensions at most: their
    matrix is rank deficient, and only a ridge with a penalty above 0 can be fitted on it.
    """

    def __init__(self, width: int, *, groups: int = 8, nodes: int = 16, enhance: int = 256, phi: Node = "tanh") -> None:
        super().__init__()
        self.phi = phi
        self.register_buffer("feature", torch.randn(groups, width + 1, nodes) / (width + 1) ** 0.5)
        columns = groups * nodes
        self.register_buffer("enhancement", torch.randn(columns + 1, enhance) / (columns + 1) ** 0.5)
        self.columns = columns + enhance

    def forward(self, h: Tensor) -> Tensor:
        """h (n, width) -> [Z, E] (n, columns), Z group by group."""
        one = h.new_ones(len(h), 1)
        feature, enhancement = self.get_buffer("feature"), self.get_buffer("enhancement")
        z = PHI[self.phi](torch.cat([h, one], dim=1) @ feature.permute(1, 0, 2).flatten(1))
        e = torch.tanh(torch.cat([z, one], dim=1) @ enhancement)
        return torch.cat([z, e], dim=1)


def ridge(gram: Tensor, cross: Tensor, penalty: float) -> Tensor:
    """W = (A^T A + penalty I)^-1 A^T Y from gram = A^T A (columns, columns) and cross = A^T Y (columns, outputs).

    Solved in float64 by Cholesky; penalty above 0.
    """
    if not penalty > 0:
        raise ValueError(f"the penalty of a ridge on broad nodes must be above 0, got {penalty}")
    wide = gram.double() + penalty * torch.eye(len(gram), dtype=torch.float64, device=gram.device)
    return torch.cholesky_solve(cross.double(), torch.linalg.cholesky(wide)).to(cross.dtype)


def fit_ridge(a: Tensor, y: Tensor, penalty: float) -> Tensor:
    """W (columns, outputs) of samples a (n, columns) and targets y (n, outputs).

    With fewer samples than columns the equal dual form A^T (A A^T + penalty I)^-1 Y is solved, which is smaller.
    """
    if len(a) >= a.shape[1]:
        return ridge(a.T.double() @ a.double(), a.T.double() @ y.double(), penalty).to(y.dtype)
    return (a.T.double() @ ridge(a.double() @ a.T.double(), y.double(), penalty)).to(y.dtype)
