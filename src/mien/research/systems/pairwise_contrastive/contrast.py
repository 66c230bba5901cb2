"""The loss of a pair of modalities: the textbook one, and the published one with its other-window positives."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from mien.research.systems.pairwise_contrastive.card import Pairs, Positives


def same_view(a: Tensor, b: Tensor, *, temperature: float = 0.07, spared: Tensor | None = None) -> Tensor:
    """Symmetric InfoNCE: the clip's own row in the other modality against all others, both directions averaged.

    a, b: (n, width) of length 1; spared: (n, n) bool, pairs of different clips that are no negatives. 0 for n = 1.
    """
    logits = a @ b.T / temperature
    if spared is not None:
        own = torch.eye(len(a), dtype=torch.bool, device=a.device)
        logits = logits.masked_fill(spared & ~own, -torch.inf)
    target = torch.arange(len(a), device=a.device)
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2


def other_view(
    a: Tensor,
    b: Tensor,
    *,
    temperature: float = 0.07,
    base_temperature: float = 0.07,
    labels: Tensor | None = None,
    spared: Tensor | None = None,
    anchors: str = "all",
) -> Tensor:
    """The published loss of anchors a and candidates b, (n, views, width) (mpuc-mer @1ae3add, SupConLoss).

    The candidate of the anchor's own clip and view is in neither numerator nor denominator; positives are the clip's
    other views, or all clips of its label (labels (n,)); their mean divides by their number plus one.
    anchors: "all" views, or "one": the first alone.
    """
    n, views = a.shape[:2]
    count = n * (1 if anchors == "one" else views)
    rows, columns = a.transpose(0, 1).flatten(0, 1)[:count], b.transpose(0, 1).flatten(0, 1)
    logits = rows @ columns.T / temperature
    own = torch.eye(count, n * views, dtype=torch.bool, device=a.device)
    clip = torch.eye(n, dtype=torch.bool, device=a.device)
    alike = clip if labels is None else labels[:, None] == labels[None, :]
    positive = alike.repeat(views, views)[:count] & ~own
    out = own if spared is None else own | (spared & ~alike).repeat(views, views)[:count]
    chance = logits - logits.masked_fill(out, -torch.inf).logsumexp(dim=1, keepdim=True)
    mean = chance.masked_fill(~positive, 0.0).sum(dim=1) / (positive.sum(dim=1) + 1)
    return -(temperature / base_temperature) * mean.mean()


def pair_losses(
    projections: Mapping[str, Tensor],
    present: Mapping[str, Tensor],
    *,
    positives: Positives = "same_view",
    pairs: Pairs = "each",
    temperature: float = 0.07,
    base_temperature: float = 0.07,
    labels: Tensor | None = None,
    groups: Tensor | None = None,
) -> dict[str, Tensor]:
    """Loss of each ordered pair "A>B" over the clips that have both; a pair without such clips is not in the answer.

    projections: modality -> (n, views, width), of any length; present: modality -> (n,) bool; labels: (n,) for the
    supervised form, whose last modality is no anchor (published); groups: (n,), whose clips spare each other.
    "concatenated": one entry, all modalities as one vector, over the clips that have them all.
    """
    sides = {name: (functional.normalize(values, dim=-1), present[name]) for name, values in projections.items()}
    ordered = [(one, other) for one in sides for other in sides if one != other]
    if pairs == "concatenated":
        whole = functional.normalize(torch.cat(list(projections.values()), dim=-1), dim=-1)
        sides, ordered = {"all": (whole, torch.stack(list(present.values())).all(dim=0))}, [("all", "all")]
    elif labels is not None:
        ordered = [(one, other) for one, other in ordered if one != list(sides)[-1]]
    found: dict[str, Tensor] = {}
    for one, other in ordered:
        (a, first), (b, second) = sides[one], sides[other]
        both = first & second
        if not bool(both.any()):
            continue
        a, b = a[both], b[both]
        spared = None if groups is None else groups[both][:, None] == groups[both][None, :]
        if positives == "same_view" and pairs == "each" and labels is None:
            # Symmetric: the pair read the other way is the same number.
            loss = found.get(f"{other}>{one}")
            if loss is None:
                loss = same_view(a[:, 0], b[:, 0], temperature=temperature, spared=spared)
        else:
            loss = other_view(
                a,
                b,
                temperature=temperature,
                base_temperature=base_temperature,
                labels=None if labels is None else labels[both],
                spared=spared,
            )
        found[f"{one}>{other}"] = loss
    return found
