"""Labels of single modalities made from those of the whole (Self-MM, Yu et al. 2021, section 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor

TINY = 1e-8


def centres(features: Tensor, labels: Tensor, *, exclude_zero: bool = True) -> tuple[Tensor, Tensor]:
    """Mean feature of positive and of negative labels: (n, width), (n,) -> two (width,); NaN where there is none."""
    positive = labels > 0 if exclude_zero else labels >= 0
    return features[positive].mean(dim=0), features[labels < 0].mean(dim=0)


def nearness(features: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """(distance to the negative centre - distance to the positive one) / distance to the positive one: (n,)."""
    near, far = (features - positive).norm(dim=-1), (features - negative).norm(dim=-1)
    found: Tensor = (far - near) / (near + TINY)
    return found


def generated(labels: Tensor, whole: Tensor, single: Tensor, limit: float) -> Tensor:
    """Labels of a modality from `nearness` of the whole and of the modality, all (n,), within +-limit.

    Half the ratio times the label, half the label shifted by the difference. The ratio explodes where the whole is
    equally far from both centres; only the limit keeps it.
    """
    ratio = single / (whole + TINY)
    return (0.5 * ratio * labels + 0.5 * (labels + single - whole)).clamp(-limit, limit)


def momentum(old: Tensor, new: Tensor, epoch: int) -> Tensor:
    """(n - 1)/(n + 1) old + 2/(n + 1) new at epoch n (from 1)."""
    return (epoch - 1) / (epoch + 1) * old + 2 / (epoch + 1) * new


def disagreement_loss(scores: Tensor, labels: Tensor, whole: Tensor) -> Tensor:
    """Mean absolute error, each weighted by tanh of how far the modality's label is from that of the whole."""
    return (torch.tanh((labels - whole).abs()) * (scores - labels).abs()).mean()
