"""The card of LF-DNN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import POOLED, editions


@dataclass(frozen=True, slots=True)
class Config:
    """hidden_*: width of the sub-networks (video: face and scene; audio: all others); text_out: of the text vector;
    post: of the two layers after; dropout: before the first layer of a sub-network; text_dropout: after the text
    LSTM; post_dropout: on all vectors; padded_mean: see quirks; rate, decay: of the optimiser; standardise: features
    to mean 0 and deviation 1 of the training part."""

    hidden_text: int = 128
    hidden_audio: int = 16
    hidden_video: int = 128
    text_out: int = 256
    post: int = 128
    dropout: float = 0.2
    text_dropout: float = 0.2
    post_dropout: float = 0.2
    padded_mean: bool = False
    rate: float = 1e-3
    decay: float = 1e-2
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 128
    standardise: bool = True


MOSEI = {"hidden_audio": 32, "text_out": 128, "batch": 64, "rate": 2e-3, "decay": 1e-3}
QUIRKS = {"text_dropout": 0.0, "padded_mean": True, "standardise": False, "optimiser": "adam"}

CARD = Card(
    name="lf-dnn",
    title="LF-DNN: one vector a modality side by side, then a small network",
    source="thuiar/MMSA@a94e65d, models/singleTask/LF_DNN.py; in place of an absent modality stands its "
    "training mean plus a learned vector",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        **editions(QUIRKS, MOSEI),
        "tiny": {"hidden_text": 8, "hidden_audio": 6, "hidden_video": 7, "text_out": 5, "post": 16, "dropout": 0.0,
                 "text_dropout": 0.0, "post_dropout": 0.0},
    },
    quirks=POOLED,
)  # fmt: skip
