"""The card of MCTN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import FILE_ORDER, PLAIN


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of every LSTM; steps: most steps of a modality; source: the modality that is read, "" for text or
    else the last in the order audio, face, scene, others; targets are the others, video before audio; translation:
    weight of the translation losses; teacher: share of steps at which the true step before is given to the decoder in
    training; dropout; rate, decay: of the optimiser; clip_value: largest gradient; shuffle: see quirks; standardise:
    features to mean 0 and deviation 1 of the training part."""

    hidden: int = 64
    steps: int = 50
    source: str = ""
    translation: float = 0.3
    teacher: float = 0.5
    dropout: float = 0.1
    rate: float = 1e-3
    decay: float = 1e-5
    clip_value: float = 0.8
    optimiser: Literal["adamw", "adam"] = "adam"
    epochs: int = 100
    patience: int = 20
    batch: int = 32
    shuffle: bool = True
    standardise: bool = True


CARD = Card(
    name="mctn",
    title="MCTN: text is translated into the other modalities and back; what lies between answers alone",
    source="Pham et al. 2019 (AAAI, arXiv 1812.07809), after NKU-HLT/EmotionTalk@6ff3022, toolkit/models/mctn.py. That "
    "code takes the samples of a batch for the steps of time, always gives the decoder the true step (also when it is "
    "tested), and its decoder forgets its state at each step; none of this is reproduced: time is time, the decoder "
    "reads its own words where it is not taught, and answers need the source alone. A learned vector stands for a "
    "source that is absent; an absent target is not translated into",
    nearness="partial",
    inputs="sequence",
    config=Config,
    shares=("teacher",),
    presets={
        "replicate": {"shuffle": False, "standardise": False, "patience": 100},
        "tiny": {"hidden": 10, "dropout": 0.0},
    },
    quirks={**FILE_ORDER, **PLAIN},
    excused={"absent_is_not_zeros": "answers read the source alone: the targets, there or not, change nothing"},
)
