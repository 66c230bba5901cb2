"""The card of Broad Mamba."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card

Bls = Literal["closed_form", "trainable", "off"]
Direction = Literal["both", "forward"]


@dataclass(frozen=True, slots=True)
class Config:
    """The towers, the broad nodes, the fusion, and how they are trained.

    hidden, blocks, state, expand, conv, rank (0: hidden / 16): of each modality's Mamba blocks; direction: "forward"
    sees no later turn, for live use; combine, reverse, discretisation: see `layers.mamba`; speakers: embeddings of
    the parties of a dialogue, 0 for none. bls: "closed_form" adds the answer of a ridge on broad nodes to the features,
    refitted before each epoch from epoch `warm` on; "trainable" adds a learnt map of the nodes; groups, nodes, enhance,
    phi, penalty: of the broad nodes; crossed: training dialogues get the answer of a ridge that has not seen them.
    confidence: "max" probability or "entropy"; guide_gradient: whether gradients pass the fusion weights; calibrate:
    temperatures of the confidences from the validation part. unimodal: weight of each modality's own loss; balanced:
    classes weigh by 1 / frequency. rate, decay: of Adam.
    """

    hidden: int = 128
    blocks: int = 2
    state: int = 16
    expand: int = 2
    conv: int = 4
    rank: int = 0
    direction: Direction = "both"
    combine: Literal["sum", "mean"] = "sum"
    reverse: Literal["real", "padded"] = "real"
    discretisation: Literal["euler", "zoh"] = "euler"
    speakers: int = 0
    bls: Bls = "closed_form"
    groups: int = 8
    nodes: int = 16
    enhance: int = 256
    phi: Literal["identity", "tanh"] = "tanh"
    penalty: float = 1e-3
    crossed: bool = True
    warm: int = 5
    confidence: Literal["max", "entropy"] = "max"
    guide_gradient: bool = False
    calibrate: bool = True
    unimodal: float = 0.3
    balanced: bool = False
    dropout: float = 0.5
    standardise: bool = True
    rate: float = 1e-4
    decay: float = 1e-5
    epochs: int = 60
    patience: int = 10
    batch: int = 16


_TINY = {"hidden": 16, "blocks": 1, "state": 4, "groups": 2, "nodes": 4, "enhance": 8, "warm": 0, "dropout": 0.1}

CARD = Card(
    name="broad-mamba",
    title="Broad Mamba (Mien definition): dialogues by state space models, modalities weighted by their own certainty",
    source="described in arXiv 2404.17858 (abstract and summaries; no code was published); blocks: state-spaces/mamba "
    "@e9594ce, hustvl/Vim @dd0358a, Chen and Liu 2018; what the description leaves open is Mien's own choice",
    nearness="re-creation",
    inputs="dialogue",
    config=Config,
    tasks=("class", "labels"),
    presets={
        "tiny": _TINY,
        "iemocap": {"batch": 16},
        "meld": {"batch": 8},
        "live": {"direction": "forward"},
        "replicate": {"reverse": "padded", "crossed": False, "calibrate": False, "phi": "identity"},
    },
    quirks={
        "reverse": "padded: flips padding with the steps, so it enters the backward state first (vision code)",
        "discretisation": "zoh is what papers print; the published kernels compute euler",
        "crossed": "false: each training dialogue sees the answer of a ridge fitted on its own labels",
        "calibrate": "false: an over-confident modality dominates the fusion",
        "phi": "identity: the nodes of the original system, whose matrix is rank deficient",
    },
)
