"""The card of MMIM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import ADAM, FIRST


@dataclass(frozen=True, slots=True)
class Config:
    """states, out: of the two-way LSTMs of all modalities but text; width: of the fusion; dropout: after an LSTM;
    fusion_dropout: on all vectors; contrast, density: weights of the two bounds; ridge: added to a covariance;
    log_variance, first_step: see quirks; rate, decay: of the optimiser; clip: largest gradient norm; standardise:
    features to mean 0 and deviation 1 of the training part."""

    states: int = 16
    out: int = 16
    width: int = 128
    dropout: float = 0.0
    fusion_dropout: float = 0.1
    contrast: float = 0.1
    density: float = 0.1
    ridge: float = 1e-4
    log_variance: bool = True
    first_step: bool = False
    rate: float = 1e-3
    decay: float = 1e-4
    clip: float = 1.0
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="mmim",
    title="MMIM: bounds keep modalities informative of each other and the fusion informative of all",
    source="Han et al. 2021 (EMNLP), as in thuiar/MMSA@a94e65d, models and trains/singleTask/MMIM.py. The source moves "
    "the bounds and the rest in turns of an epoch; here they move together. The entropy reads a fixed random "
    "projection, as there, of the batch and the one before; its groups are positive and negative values, or (ours) the "
    "classes. The bounds leave out samples without the modality; its training mean "
    "plus a learned vector stands for it in the fusion",
    nearness="partial",
    inputs="sequence",
    config=Config,
    presets={
        "mosi": {},
        "mosei": {},
        "replicate": {
            "log_variance": False, "ridge": 0.0, "first_step": True, "standardise": False, "optimiser": "adam",
        },
        "tiny": {"states": 6, "out": 8, "width": 16, "fusion_dropout": 0.0},
    },
    quirks={
        "log_variance": "false: the density has no log-variance term, so that the variance only grows",
        "ridge": "0: the determinant of a group with few samples is 0 and its logarithm infinite",
        **FIRST,
        **ADAM,
    },
)  # fmt: skip
