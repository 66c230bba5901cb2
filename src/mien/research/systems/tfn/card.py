"""The card of TFN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import POOLED, editions


@dataclass(frozen=True, slots=True)
class Config:
    """hidden_*: width of the sub-networks (video: face and scene; audio: all others); text_out: of the text vector;
    post: of the two layers after the product; dropout: before the first layer of a sub-network; text_dropout: after
    the text LSTM; post_dropout: on the product; low, high: range of a value output (equal: no range); largest: most
    entries the product may have; padded_mean: see quirks; rate, decay: of the optimiser; standardise: features to
    mean 0 and deviation 1 of the training part."""

    hidden_text: int = 128
    hidden_audio: int = 32
    hidden_video: int = 128
    text_out: int = 32
    post: int = 64
    dropout: float = 0.3
    text_dropout: float = 0.3
    post_dropout: float = 0.5
    low: float = 0.0
    high: float = 0.0
    largest: int = 2_000_000
    padded_mean: bool = False
    rate: float = 1e-3
    decay: float = 0.0
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 32
    standardise: bool = True


MOSI = {"low": -3.0, "high": 3.0}
MOSEI = {
    **MOSI, "hidden_audio": 16, "text_out": 128, "post": 16, "dropout": 0.4, "text_dropout": 0.4, "post_dropout": 0.4,
    "batch": 128, "rate": 5e-3,
}  # fmt: skip
QUIRKS = {"text_dropout": 0.0, "padded_mean": True, "standardise": False, "optimiser": "adam"}

CARD = Card(
    name="tfn",
    title="TFN: the outer product of [1; h] of all modalities",
    source="Zadeh et al. 2017 (EMNLP), as in thuiar/MMSA@a94e65d, models/singleTask/TFN.py; "
    "an absent modality is [1; its training mean plus a learned vector], so the product keeps the others' interactions",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        **editions(QUIRKS, MOSEI, MOSI),
        "tiny": {"hidden_text": 8, "hidden_audio": 6, "hidden_video": 7, "text_out": 5, "post": 16, "dropout": 0.0,
                 "text_dropout": 0.0, "post_dropout": 0.0},
    },
    quirks=POOLED,
)  # fmt: skip
