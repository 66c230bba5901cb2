"""The card of the MDPE baseline (deception task with personality and emotional expression)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.errors import RequestError
from mien.research.systems import Card

Mean = Literal["masked", "padded"]
Rows = Literal["aligned", "released"]

PERSONALITY, EMOTION = "personality", "emotion"
"""Modalities of one vector a person (60 answers of the BFI-2; 128 numbers of unknown origin), never sequences."""


@dataclass(frozen=True, slots=True)
class Config:
    """modalities: which features are read, () for all; personality, emotion: whether those of the person are read where
    the data has them (constant for a person: with the same people in two parts they are an identity code).

    hidden: widths of the layers; dropout; mean, rows: see the quirks of the card; rate, decay: of Adam; standardise:
    features to mean 0 and deviation 1 of the training part.
    """

    modalities: tuple[str, ...] = ()
    personality: bool = True
    emotion: bool = True
    hidden: tuple[int, ...] = (512, 64)
    dropout: float = 0.3
    mean: Mean = "masked"
    rows: Rows = "aligned"
    rate: float = 1e-4
    decay: float = 0.0
    epochs: int = 300
    patience: int = 20
    batch: int = 64
    standardise: bool = True

    def __post_init__(self) -> None:
        if not self.hidden or min(self.hidden) < 1:
            raise RequestError(f"hidden must name one width or more, each 1 at least, got {self.hidden}")


CARD = Card(
    name="mdpe",
    title="MDPE: means of frozen features with personality and emotional expression, a three-layer network",
    source="Cai et al. 2024, arXiv 2407.12274; code cai-cong/MDPE @121524d. Its scores are those of the deception task "
    "of this data set, never a statement about a person. Released training stops after 20 epochs without a lower "
    "training loss and reports the part it watches; here a validation part of other people decides",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate": {"mean": "padded", "rows": "released", "standardise": False},
        "tiny": {"hidden": (32, 16), "dropout": 0.1, "rate": 1e-3, "epochs": 5},
    },
    quirks={
        "mean": '"padded" divides by the longest sequence of the batch, so a clip\'s score depends on its neighbours',
        "rows": '"released" sorts each modality of a batch by its own lengths, so that a row mixes several clips',
        "standardise": "the source feeds the features as they are",
    },
)
