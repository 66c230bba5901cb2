"""The card of the multi-modal fusion network for conversations (M2FNet)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card

Project = Literal["before", "after"]
Activation = Literal["both", "after", "none"]
Fusion = Literal["attention", "concat"]
Positions = Literal["sinusoidal", "none"]
Absent = Literal["learned", "refuse"]


@dataclass(frozen=True, slots=True)
class Config:
    """The dialogue network and its training.

    main: the stream that fusion updates (the first modality there is, where the data has no text); width: of fusion;
    project: to that width "before" the encoders (ours: any feature width, fewer weights) or "after" them (published);
    encoders: transformer encoders a modality, each with a skip around it; layers: of each; heads; inner: width of the
    network inside a layer; shared_norm: one last norm for all encoders of a modality; fusion: layers of attention, or
    the plain concatenation; fusion_layers; activation: ReLU on "both" sides of the linear layer of fusion (third
    party), "after" it, or "none"; positions: of turns; causal: a turn knows only those up to itself (extras `future` of
    the answers tell who saw later turns); absent: a learned vector stands for a modality that a turn lacks, or such
    turns are refused; hide: share of a modality's turns that are hidden in training, so that the vector is learnt;
    smoothing: of class labels.
    """

    main: str = "text"
    width: int = 128
    project: Project = "before"
    encoders: int = 1
    layers: int = 2
    heads: int = 8
    inner: int = 512
    shared_norm: bool = False
    fusion: Fusion = "attention"
    fusion_layers: int = 5
    activation: Activation = "both"
    hidden: int = 128
    positions: Positions = "sinusoidal"
    causal: bool = False
    absent: Absent = "learned"
    hide: float = 0.1
    dropout: float = 0.4
    smoothing: float = 0.0
    standardise: bool = True
    rate: float = 5e-4
    decay: float = 5e-4
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 10
    batch: int = 16


_PAPER = {
    "width": 768,
    "inner": 2048,
    "project": "after",
    "positions": "none",
    "hide": 0.0,
    "absent": "refuse",
    "standardise": False,
    "hidden": 768,
}

CARD = Card(
    name="m2fnet",
    title="M2FNet: dialogue encoders and fusion by attention, text asked by what is heard and seen",
    source="Chudasama et al., arXiv 2206.02187, CVPR 2022 workshops; no official code; what the paper leaves "
    "open after iosonopersia/Multimodal-Emotion-Recognition @a279b91 (third party, text and audio, MELD)",
    nearness="partial",
    inputs="dialogue",
    config=Config,
    shares=("hide", "smoothing"),
    version=2,
    presets={
        "paper-meld": {**_PAPER, "encoders": 1, "layers": 6, "activation": "none"},
        "paper-iemocap": {**_PAPER, "encoders": 5, "layers": 6, "activation": "none"},
        "replicate-third-party": {
            **_PAPER,
            "layers": 6,
            "shared_norm": True,
            "smoothing": 0.1,
            "rate": 5e-5,
            "decay": 0.01,
            "optimiser": "adam",
            "epochs": 100,
            "patience": 3,
            "batch": 32,
        },
        "tiny": {
            "width": 16,
            "inner": 64,
            "heads": 2,
            "layers": 1,
            "hidden": 16,
            "fusion_layers": 2,
            "dropout": 0.0,
            "hide": 0.0,
        },
    },
    quirks={
        "positions": "none: the turns of a dialogue have no order, permuting them permutes the answers",
        "shared_norm": "true: the encoders of a modality share one last norm (third party)",
        "project": "after: encoders as wide as the features, whose width the heads must divide",
        "absent": "refuse: the source has no word for a turn without audio or sight",
        "optimiser": "adam: the weight decay is part of the gradient (third party); the paper has AdamW",
        "activation": "none: the paper names no activation in fusion, so its layers of values are linear",
    },
)
