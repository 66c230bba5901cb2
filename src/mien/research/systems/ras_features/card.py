"""The card of RAS's feature fusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import PLAIN

Fuse = Literal["heads", "pooled", "tokens", "context"]


@dataclass(frozen=True, slots=True)
class Config:
    """fuse: "heads" (V1: linear scores a modality, side by side, through a small network), "pooled" (V2: the same
    scores, weighted by attention), "tokens" (V3: a query token and a transformer over the modalities), "context" (V4:
    as V3, with the vector of `scene` beside its answer); hidden: width of tokens; compose: of V1's network; layers,
    heads, feed: of the transformer; dropout.

    scene: the modality that stands aside in V4; gamma: of the focal loss, 0 for none; smoothing: share of each target
    spread over all classes; balanced: classes weigh as much as each other; cycle: epochs from the full rate to 0, and
    as many back, 0 for an even rate; rate, decay: of the optimiser; standardise: features to mean 0 and deviation 1 of
    the training part.
    """

    fuse: Fuse = "tokens"
    hidden: int = 128
    compose: int = 64
    layers: int = 2
    heads: int = 4
    feed: int = 2048
    dropout: float = 0.1
    scene: str = "scene"
    gamma: float = 2.0
    smoothing: float = 0.1
    balanced: bool = True
    cycle: int = 10
    rate: float = 1e-3
    decay: float = 1e-2
    epochs: int = 100
    patience: int = 20
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="ras-features",
    title="RAS features: a query token and a transformer over the modalities of a segment, or one of its three rivals",
    source="Team RAS 2025, arXiv 2507.02205; code SMIL-SPCRAS/ICCVW_25 @40bd572, src/fusion: EmotionFusionModel V1 to "
    "V4. There a modality is missing where its vector is all zeros, here where it has no step; the code selects by the "
    "validation loss. `hidden` is what its extract_features writes out, for compounds by feature similarity (PFSA)",
    nearness="published",
    inputs="sequence",
    config=Config,
    shares=("smoothing",),
    presets={
        "replicate": {"fuse": "context", "standardise": False},
        "tiny": {"hidden": 8, "compose": 12, "layers": 1, "heads": 2, "feed": 16, "dropout": 0.0, "cycle": 0},
    },
    quirks={
        **PLAIN,
        "cycle": "the rate falls to 0 in ten epochs, rises in the next ten, and so on",
    },
)
