"""The card of the movie affect heads (evoked, not expressed, arousal and valence)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.errors import RequestError
from mien.research.systems import Card

Head = Literal["fc", "lstm"]
Activation = Literal["none", "relu"]
Scaler = Literal["training", "none"]


@dataclass(frozen=True, slots=True)
class Config:
    """head: "fc" reads each frame for itself (of several, their mean), "lstm" reads a window and answers for its last
    step; reduced: numbers a modality becomes; fc, lstm, layers: widths and depth of the heads; activation, scaler,
    temperature: see the quirks of the card; rate, decay, momentum: of SGD.
    """

    head: Head = "lstm"
    reduced: int = 128
    fc: int = 64
    lstm: int = 64
    layers: int = 2
    activation: Activation = "none"
    temperature: float = 2.0
    scaler: Scaler = "training"
    rate: float = 5e-2
    decay: float = 5e-4
    momentum: float = 0.9
    epochs: int = 200
    patience: int = 25
    batch: int = 128

    def __post_init__(self) -> None:
        if self.temperature <= 0:
            raise RequestError(f"movie-affect: temperature must be above 0, got {self.temperature}")


_PUBLISHED = {"scaler": "none", "rate": 5e-3, "decay": 5e-3, "momentum": 0.0}

CARD = Card(
    name="movie-affect",
    title="Movie affect: picture, motion and sound reduced and read by a linear or an LSTM head",
    source="Thao, Herremans, Roig 2019 (ICCV workshops, CVPM); code ivyha010/emotionprediction @e151422. It says what "
    "viewers feel, not what people in the picture express. Released heads are single best folds, and their "
    "held-out film stopped the training; here a film of the training part does",
    nearness="published",
    inputs="sequence",
    config=Config,
    shares=("momentum",),
    presets={
        "replicate": _PUBLISHED,
        "replicate-arousal-fc": {**_PUBLISHED, "head": "fc"},
        "replicate-valence-fc": {**_PUBLISHED, "head": "fc", "rate": 1e-3, "decay": 1e-3},
        "tiny": {"reduced": 8, "fc": 8, "lstm": 8, "rate": 5e-2, "epochs": 4},
    },
    quirks={
        "activation": '"none", as published: the fc head is one linear map of rank `fc`',
        "momentum": "0, with rate and decay .005: on small data the decay outweighs what such steps learn: the LSTM "
        "answers the same to all",
        "temperature": "logits are divided by it in the loss, in training and in evaluation; the answer stays",
        "scaler": '"none" for features that `scaling.per_recording` scaled with each whole film, the test film too',
    },
)
