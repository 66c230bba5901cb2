"""The card of the EmotionTalk attention baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import FILE_ORDER, PLAIN

Level = Literal["auto", "utterance", "frames"]


@dataclass(frozen=True, slots=True)
class Config:
    """level: "utterance" reads means over time through three linear layers, "frames" reads sequences through an LSTM,
    "auto" takes frames where the data has sequences; hidden: width of everything; dropout.

    compress: every so many steps become their mean before the LSTM (published: 6 aligned, 12 unaligned); softmax,
    front_padding, thrice, shuffle, standardise: see the quirks of the card; rate, decay: of Adam; clip_value: largest
    absolute value of each gradient, 0 for none.
    """

    level: Level = "auto"
    hidden: int = 128
    dropout: float = 0.3
    softmax: bool = False
    compress: int = 1
    front_padding: bool = False
    thrice: bool = False
    rate: float = 1e-3
    decay: float = 1e-5
    clip_value: float = 0.0
    epochs: int = 100
    patience: int = 20
    batch: int = 32
    shuffle: bool = True
    standardise: bool = True


_RELEASED = {"front_padding": True, "thrice": True, "shuffle": False, "standardise": False, "patience": 100}

CARD = Card(
    name="emotiontalk",
    title="EmotionTalk attention: encoders of audio, text and video, summed with learned weights",
    source="Sun et al. 2025, arXiv 2505.23018; code NKU-HLT/EmotionTalk @6ff3022 (a copy of MERBench). Released "
    "training draws its settings at random: see `search.draw`",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate": _RELEASED,
        "replicate-frames": {**_RELEASED, "level": "frames", "compress": 12},
        "tiny": {"hidden": 16, "dropout": 0.1, "epochs": 4},
    },
    quirks={
        "softmax": "off, as published: weights may be negative and need not sum to 1",
        "front_padding": "zeros in front up to the longest sequence of the data are read by the LSTM as if they were "
        "features",
        "thrice": "one modality alone is read by three encoders and fused with itself",
        **FILE_ORDER,
        **PLAIN,
    },
)  # fmt: skip
