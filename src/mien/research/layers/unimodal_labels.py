"""Labels of single modalities made from those of the whole (Self-MM, Yu et al. 2021, section 3.3).

Labels are (n, outputs), positive and negative around 0; each output has two centres of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor

TINY = 1e-8


def centres(features: Tensor, labels: Tensor, *, exclude_zero: bool = True) -> tuple[Tensor, Tensor]:
    """Mean features (n, width) of positive and of negative labels (n, outputs): two (outputs, width).

    NaN where there is none; a label that is NaN is neither. A label of 0 is positive unless `exclude_zero`.
    """
    positive = labels > 0 if exclude_zero else labels >= 0
    return _means(features, positive), _means(features, labels < 0)


def _means(features: Tensor, chosen: Tensor) -> Tensor:
    weights = chosen.to(features.dtype)
    return weights.T @ features / weights.sum(dim=0).unsqueeze(1)


def nearness(features: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """(distance to the negative centre - distance to the positive one) / distance to the positive one: (n, outputs)."""
    near = (features.unsqueeze(1) - positive).norm(dim=-1)
    far = (features.unsqueeze(1) - negative).norm(dim=-1)
    found: Tensor = (far - near) / (near + TINY)
    return found


def generated(labels: Tensor, whole: Tensor, single: Tensor, limit: float | Tensor) -> Tensor:
    """Labels of a modality from `nearness` of the whole and of the modality, all (n, outputs), within +-limit.

    Half the ratio times the label, half the label shifted by the difference. The ratio explodes where the whole is
    equally far from both centres; only the limit keeps it.
    """
    ratio = single / (whole + TINY)
    limit = torch.as_tensor(limit, dtype=labels.dtype, device=labels.device)
    return (0.5 * ratio * labels + 0.5 * (labels + single - whole)).clamp(-limit, limit)


def momentum(old: Tensor, new: Tensor, epoch: int) -> Tensor:
    """(n - 1)/(n + 1) old + 2/(n + 1) new at epoch n (from 1)."""
    return (epoch - 1) / (epoch + 1) * old + 2 / (epoch + 1) * new


def disagreement_loss(scores: Tensor, labels: Tensor, whole: Tensor, rows: Tensor | None = None) -> Tensor:
    """Mean absolute error over `rows` (n,) bool, weighted by tanh of how far a label is from that of the whole."""
    weighted = torch.tanh((labels - whole).abs()) * (scores - labels).abs()
    if rows is None:
        return weighted.mean()
    kept = torch.where(rows.unsqueeze(1), weighted, weighted.new_zeros(()))
    return kept.sum() / (rows.sum() * weighted.shape[1]).clamp(min=1)
