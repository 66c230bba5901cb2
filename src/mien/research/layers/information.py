"""Bounds of mutual information as MMIM maximises them (Han et al. 2021): Barber-Agakov with entropy, and CPC."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ContrastiveBound(nn.Module):
    """CPC: how well y tells its own x from those of the batch; both on the unit sphere."""

    def __init__(self, x_width: int, y_width: int) -> None:
        super().__init__()
        self.net = nn.Linear(y_width, x_width)

    def forward(self, x: Tensor, y: Tensor, *, temperature: float = 1.0) -> Tensor:
        """x (n, x width), y (n, y width) -> InfoNCE loss, 0 for a batch of one."""
        one, other = nn.functional.normalize(x, dim=1), nn.functional.normalize(self.net(y), dim=1)
        scores = one @ other.T / temperature
        loss: Tensor = (scores.logsumexp(dim=1) - scores.diagonal()).mean()
        return loss


class GaussianBound(nn.Module):
    """log p(y | x) as a Gaussian whose mean and variance are read from x, and the entropy of y in two groups."""

    def __init__(self, x_width: int, y_width: int, projected: int | None = None) -> None:
        super().__init__()
        self.mean = nn.Sequential(nn.Linear(x_width, y_width), nn.ReLU(), nn.Linear(y_width, y_width))
        self.log_variance = nn.Sequential(nn.Linear(x_width, y_width), nn.ReLU(), nn.Linear(y_width, y_width))
        self.project = nn.Sequential(nn.Linear(y_width, projected or max(y_width // 4, 1)), nn.Tanh())

    def log_density(self, x: Tensor, y: Tensor, *, normalised: bool = True) -> Tensor:
        """Mean over the batch of log p(y | x), up to the constant.

        Without `normalised` the log-variance term is left out, as in the reference code: nothing then keeps the
        variance from growing.
        """
        spread = self.log_variance(x)
        terms = -(self.mean(x) - y).square() / 2 / spread.exp()
        if normalised:
            terms = terms - spread / 2
        mean: Tensor = terms.sum(dim=1).mean()
        return mean

    def groups(self, y: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Projected y of positive and of negative labels (n,); a label of 0 is in neither."""
        projected = self.project(y)
        return projected[labels > 0], projected[labels < 0]


def gaussian_entropy(groups: tuple[Tensor, ...], *, share: float = 0.25, ridge: float = 1e-4) -> Tensor:
    """share * the sum of log det of the population covariance of each group (rows, width), up to a constant.

    ridge: added to the diagonal, since a group with fewer rows than columns has a determinant of 0; a group of fewer
    than two rows adds nothing. The reference code has no ridge (0).
    """
    total = groups[0].new_zeros(())
    for rows in groups:
        if len(rows) > 1:
            centred = rows - rows.mean(dim=0)
            covariance = centred.T @ centred / len(rows)
            total = total + torch.logdet(covariance + ridge * torch.eye(rows.shape[1], device=rows.device))
        else:
            total = total + rows.sum() * 0
    return share * total
