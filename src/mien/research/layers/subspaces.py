"""Distances of representations: central moment discrepancy (Zellinger et al. 2017), soft orthogonality (MISA)."""

from __future__ import annotations

from torch import Tensor

TINY = 1e-12
"""Under the square root: its slope at 0 is infinite."""


def central_moment_discrepancy(one: Tensor, other: Tensor, moments: int = 5) -> Tensor:
    """Distance of the means, plus those of the central moments of order 2 to `moments`: (n, width) each -> scalar."""
    mean, other_mean = one.mean(dim=0), other.mean(dim=0)
    total = _distance(mean, other_mean)
    one, other = one - mean, other - other_mean
    for order in range(2, moments + 1):
        total = total + _distance(one.pow(order).mean(dim=0), other.pow(order).mean(dim=0))
    return total


def _distance(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).square().sum().add(TINY).sqrt()


def soft_orthogonality(one: Tensor, other: Tensor) -> Tensor:
    """Mean of the squared cross-product of centred rows of unit length: (n, width) each -> scalar; 0 for one sample.

    The length counts as a constant (no gradient through it) and gets 1e-6 added, as in the reference code.
    """
    return (_unit_rows(one).T @ _unit_rows(other)).square().mean()


def _unit_rows(values: Tensor) -> Tensor:
    centred = values - values.mean(dim=0, keepdim=True)
    length: Tensor = centred.detach().norm(dim=1, keepdim=True) + 1e-6
    return centred / length
