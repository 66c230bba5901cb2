"""The card of RAS (compound expressions by fusing basic-emotion branches)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card

Fuse = Literal["mhpf", "single", "dynamic", "attention", "mixed", "tempered", "mean"]
Branch = Literal["pooled", "mamba", "recurrent", "given"]
Loss = Literal["nll", "official"]


@dataclass(frozen=True, slots=True)
class Config:
    """fuse: "mhpf" (weights a head, modality and class; v6), or its ablations: "single" head (v1), "dynamic" weights
    from the answers (v2), one number a modality by "attention" (v3), "mixed" with the plain mean (v4), "tempered" (v5),
    the plain "mean"; heads: of mhpf; modalities: the branches that are fused, () for all (`search` tries every
    group of them).

    branch: what answers for a modality alone: "pooled" (steps projected, averaged, classified), "mamba" (the published
    face branch: blocks over time before the mean, here with the usual discretisation), "recurrent" (the published audio
    branch) or "given": the modality is already the probabilities of the classes; hidden, dropout, blocks, state,
    kernel: of the branches, the last three of mamba; branch_epochs, branch_rate, branch_decay: branches are trained
    first, then stay as they are; loss, balanced: see the quirks; rate: of the fusion; plateau: epochs without a better
    validation score after which it is halved, 0 for never.
    """

    fuse: Fuse = "mhpf"
    heads: int = 3
    modalities: tuple[str, ...] = ()
    branch: Branch = "pooled"
    hidden: int = 128
    dropout: float = 0.15
    blocks: int = 4
    state: int = 4
    kernel: int = 6
    loss: Loss = "nll"
    balanced: bool = True
    branch_epochs: int = 60
    branch_rate: float = 1e-3
    branch_decay: float = 1e-4
    epochs: int = 100
    rate: float = 1e-2
    plateau: int = 0
    patience: int = 25
    batch: int = 64
    standardise: bool = True


CARD = Card(
    name="ras-compound",
    title="RAS compound: basic-emotion branches, multi-head probability fusion, pairs of basics as compounds",
    source="Team RAS 2025, arXiv 2507.02205 (ICCV workshops, ABAW); code SMIL-SPCRAS/ICCVW_25 @40bd572. Its weights do "
    'not depend on the input, though the abstract calls them dynamic; "dynamic" (v2) is the variant whose weights do. '
    "Feature similarity (PFSA) is a working definition: that step is not in the code",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate": {"branch": "given", "loss": "official", "rate": 1e-4, "plateau": 3, "standardise": False},
        "tiny": {"hidden": 16, "blocks": 1, "dropout": 0.0, "branch_epochs": 3, "epochs": 3},
    },
    quirks={
        "loss": '"official" takes the fused probabilities for logits: a second softmax, hence tiny gradients',
        "balanced": "classes weigh as much as each other, absent ones nothing, as published",
        "rate": "published: 1e-4",
        "plateau": "3: halved after so many epochs, which the source counts on the reported part",
    },
)
