"""The losses of the extractor: the adaptive triplet margin, variance and covariance (paper, equations 10 to 13)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

MarginGrad = Literal["detach", "differentiable"]
Regulariser = Literal["vicreg", "printed"]


def distance(one: Tensor, other: Tensor) -> Tensor:
    """Euclidean, (n,); its gradient is 0 where both are equal, not NaN."""
    square = (one - other).square().sum(dim=-1)
    apart = square > 0
    return torch.where(apart, square.where(apart, square.new_ones(())).sqrt(), square.new_zeros(()))


def margins(near: Tensor, far: Tensor, *, eps: float = 0.0) -> tuple[Tensor, Tensor]:
    """1 + 2 / e^{4 D_ap} and 1 + 2 / e^{4 - 4 D_an} (eq. 11); eps: what the third-party code adds to both e^x."""
    return 1 + 2 / (torch.exp(4 * near) + eps), 1 + 2 / (torch.exp(4 - 4 * far) + eps)


def adaptive_triplet(
    near: Tensor,
    far: Tensor,
    between: Tensor,
    *,
    margin_grad: MarginGrad = "detach",
    hinge: bool = False,
    eps: float = 0.0,
) -> Tensor:
    """D_ap - (D_an + D_pn) / 2 + margin of each triplet (eq. 10), from its distances `near`, `far`, `between`.

    With a differentiable margin, as printed, negatives further than 0.307 are pulled in and positives nearer than 0.520
    pushed out; "detach" takes the margin as a number. hinge: at 0 below (third party).
    """
    margin = sum(margins(near, far, eps=eps), torch.zeros_like(near))
    if margin_grad == "detach":
        margin = margin.detach()
    loss = near - (far + between) / 2 + margin
    return loss.relu() if hinge else loss


def variance_term(z: Tensor, *, regulariser: Regulariser = "vicreg", gamma: float = 1.0, eps: float = 1e-6) -> Tensor:
    """Mean over features of gamma - sd of z (n, d), not below 0 but in the "printed" form (eq. 12)."""
    short = gamma - (_covariance(z).diagonal() + eps).sqrt()
    return short.relu().mean() if regulariser == "vicreg" else short.mean()


def covariance_term(z: Tensor, *, regulariser: Regulariser = "vicreg") -> Tensor:
    """Sum over pairs of features of their squared covariance, over d; the "printed" form (eq. 13) does not square, and
    so has no minimum."""
    table = _covariance(z)
    beside = table - torch.diag(table.diagonal())
    return (beside.square() if regulariser == "vicreg" else beside).sum() / z.shape[1]


def _covariance(z: Tensor) -> Tensor:
    """Unbiased; zeros for a single row."""
    centred = z - z.mean(dim=0)
    return centred.T @ centred / max(len(z) - 1, 1)


def extractor_terms(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    margin_grad: MarginGrad = "detach",
    regulariser: Regulariser = "vicreg",
    normalise: bool = True,
    hinge: bool = False,
    eps: float = 0.0,
    spread: float = 1.0,
    spread_eps: float = 1e-6,
    weights: tuple[float, float, float] = (20.0, 5.0, 1.0),
) -> dict[str, Tensor]:
    """`triplet`, `covariance` and `variance`, weighted 20, 5, 1; rows (n, d) of the three belong together.

    normalise: distances between vectors of length 1, without which the exponentials overflow; the other two terms see
    the vectors as they are. spread, spread_eps: gamma and eps of the variance term.
    """
    sides = [functional.normalize(z, dim=1) if normalise else z for z in (anchor, positive, negative)]
    near, far, between = distance(sides[0], sides[1]), distance(sides[0], sides[2]), distance(sides[1], sides[2])
    triplet = adaptive_triplet(near, far, between, margin_grad=margin_grad, hinge=hinge, eps=eps).mean()
    three = (anchor, positive, negative)
    covariance = torch.stack([covariance_term(z, regulariser=regulariser) for z in three]).sum()
    variance = torch.stack(
        [variance_term(z, regulariser=regulariser, gamma=spread, eps=spread_eps) for z in three]
    ).sum()
    return {"triplet": weights[0] * triplet, "covariance": weights[1] * covariance, "variance": weights[2] * variance}


def triplets(labels: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of one triplet an anchor: a random positive of its label, a random negative of another, (t,) each.

    Anchors whose label has no second item, or that meet no other label, are left out. labels (n,).
    """
    alike = labels[:, None] == labels[None, :]
    own = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    draws = torch.rand(2, len(labels), len(labels), device=labels.device, generator=generator)
    positive = draws[0].masked_fill(~alike | own, -1.0)
    negative = draws[1].masked_fill(alike, -1.0)
    if not len(labels):
        return labels, labels, labels
    fit = (positive.amax(dim=1) >= 0) & (negative.amax(dim=1) >= 0)
    return fit.nonzero()[:, 0], positive.argmax(dim=1)[fit], negative.argmax(dim=1)[fit]
