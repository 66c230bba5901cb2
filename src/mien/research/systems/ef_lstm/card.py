"""The card of EF-LSTM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import ADAM


@dataclass(frozen=True, slots=True)
class Config:
    """hidden, layers: of the LSTM; steps: most steps of the common time line; dropout: between layers and after;
    rate, decay: of the optimiser; standardise: features to mean 0 and deviation 1 of the training part."""

    hidden: int = 128
    layers: int = 4
    steps: int = 50
    dropout: float = 0.5
    rate: float = 1e-3
    decay: float = 5e-3
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="ef-lstm",
    title="EF-LSTM: all modalities side by side at every step, read by an LSTM",
    source="thuiar/MMSA@a94e65d, models/singleTask/EF_LSTM.py, which takes aligned words only. Here sequences of other "
    "lengths are stretched or averaged onto one time line, as long as the longest of the sample and `steps` at most; "
    "a learned vector stands for a modality at steps without it. The source normalises each step by its batch, which "
    "takes one fixed length and is left out",
    nearness="partial",
    inputs="sequence",
    config=Config,
    presets={
        "mosi": {},
        "mosei": {"hidden": 256, "layers": 2, "dropout": 0.4, "batch": 128, "rate": 5e-3, "decay": 1e-4},
        "replicate": {"optimiser": "adam", "standardise": False},
        "tiny": {"hidden": 12, "layers": 1, "dropout": 0.0},
    },
    quirks=ADAM,
)
