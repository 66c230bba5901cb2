"""The card of Self-MM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import ADAM, FIRST, SUMMED, editions


@dataclass(frozen=True, slots=True)
class Config:
    """lstm_audio, lstm_video: states of the LSTMs (video: face and scene; audio: all others but text); post*: width of
    the layers of the whole and of each modality; dropout*: before them; limit: largest generated label, 0 for the
    largest label of the training part; exclude_zero: labels of 0 belong to no centre; first_step: see quirks;
    rate_read: of the LSTMs, rate: of all else; summed: see quirks; standardise: features to mean 0 and deviation 1 of
    the training part."""

    lstm_audio: int = 16
    lstm_video: int = 32
    post: int = 128
    post_text: int = 32
    post_audio: int = 16
    post_video: int = 32
    dropout: float = 0.0
    dropout_text: float = 0.1
    dropout_audio: float = 0.1
    dropout_video: float = 0.0
    limit: float = 0.0
    exclude_zero: bool = True
    first_step: bool = False
    rate_read: float = 5e-3
    rate: float = 1e-3
    decay_read: float = 1e-3
    decay: float = 1e-3
    summed: int = 1
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 16
    standardise: bool = True


MOSI = {"limit": 3.0}
MOSEI = {
    **MOSI, "dropout": 0.1, "dropout_text": 0.0, "dropout_audio": 0.0, "decay_read": 0.0, "decay": 1e-2, "batch": 32,
}  # fmt: skip
QUIRKS = {"first_step": True, "standardise": False, "optimiser": "adam", "summed": 4}

CARD = Card(
    name="self-mm",
    title="Self-MM: the whole and each modality alone, on labels generated for each modality",
    source="Yu et al. 2021 (AAAI), as in thuiar/MMSA@a94e65d, models and trains/multiTask/SELF_MM.py; labels are "
    "generated from the second epoch on. The source takes one value around 0; for classes and labels (ours) each "
    "output is a value of +1 or -1. A centre without samples stays as it was (NaN in the source). In the whole, the "
    "training mean plus a learned vector stands for an absent modality; its own head, label and centres leave the "
    "sample out. MOSEI's slower video rate (1e-4) is not offered",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        **editions(QUIRKS, MOSEI, MOSI),
        "tiny": {"lstm_audio": 6, "lstm_video": 6, "post": 16, "post_text": 8, "post_audio": 8, "post_video": 8,
                 "dropout_text": 0.0, "dropout_audio": 0.0},
    },
    quirks={
        **FIRST,
        **SUMMED,
        **ADAM,
    },
)  # fmt: skip
