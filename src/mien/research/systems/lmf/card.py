"""The card of LMF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import POOLED, editions


@dataclass(frozen=True, slots=True)
class Config:
    """hidden_*: width of the sub-networks (video: face and scene; audio: all others), the text vector is half of
    hidden_text; rank: of the weight; dropout: before the first layer of a sub-network; text_dropout: after the text
    LSTM; padded_mean: see quirks; rate, decay: of the optimiser; standardise: features to mean 0 and deviation 1 of
    the training part."""

    hidden_text: int = 128
    hidden_audio: int = 16
    hidden_video: int = 128
    rank: int = 3
    dropout: float = 0.3
    text_dropout: float = 0.3
    padded_mean: bool = False
    rate: float = 1e-3
    decay: float = 5e-3
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 64
    standardise: bool = True


MOSEI = {"rank": 4, "dropout": 0.2, "text_dropout": 0.2, "decay": 1e-3, "batch": 32}
QUIRKS = {"text_dropout": 0.0, "padded_mean": True, "standardise": False, "optimiser": "adam"}

CARD = Card(
    name="lmf",
    title="LMF: the outer product of all modalities with a weight of low rank",
    source="Liu et al. 2018 (ACL), as in thuiar/MMSA@a94e65d, models/singleTask/LMF.py; "
    "an absent modality is [1; its training mean plus a learned vector], so its factor is a constant",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        **editions(QUIRKS, MOSEI),
        "tiny": {"hidden_text": 10, "hidden_audio": 6, "hidden_video": 7, "dropout": 0.0, "text_dropout": 0.0},
    },
    quirks=POOLED,
)
