"""The card of MISA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import ADAM, SUMMED, editions


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of private and shared vectors; recurrent: largest width of the LSTMs of all modalities but text
    (else the modality's own); heads, feed, attention_dropout: of the transformer layer over the vectors; dropout: of
    the last layers; diff, sim, recon: weights of the losses; moments: of the discrepancy; text_length: see quirks;
    rate, decay: of the optimiser; summed: see quirks; clip_value: largest gradient; standardise: features to mean 0
    and deviation 1 of the training part."""

    hidden: int = 128
    recurrent: int = 128
    heads: int = 2
    feed: int = 2048
    attention_dropout: float = 0.1
    dropout: float = 0.2
    diff: float = 0.1
    sim: float = 0.3
    recon: float = 1.0
    moments: int = 5
    text_length: bool = False
    rate: float = 1e-4
    decay: float = 0.0
    summed: int = 1
    clip_value: float = 0.8
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 16
    standardise: bool = True


MOSEI = {"dropout": 0.5, "diff": 0.3, "sim": 0.8, "decay": 5e-5, "batch": 64}
QUIRKS = {"text_length": True, "standardise": False, "optimiser": "adam", "summed": 2}

CARD = Card(
    name="misa",
    title="MISA: one shared and one private vector a modality, told apart by their losses",
    source="Hazarika et al. 2020 (ACM MM), as in thuiar/MMSA@a94e65d, models and trains/singleTask/MISA.py; "
    "text features are taken as the encoder gives them (mean over real steps); an absent modality is not attended to, "
    "the training means plus learned vectors stand for its two, and its losses leave the sample out",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        **editions(QUIRKS, MOSEI),
        "tiny": {"hidden": 16, "recurrent": 6, "feed": 24, "attention_dropout": 0.0, "dropout": 0.0},
    },
    quirks={
        "text_length": "audio and video are read only as far as the text is long, even where they are longer sequences",
        **SUMMED,
        **ADAM,
    },
)
