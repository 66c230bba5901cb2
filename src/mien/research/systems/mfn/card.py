"""The card of MFN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import FILE_ORDER, FRONT, PLAIN


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of every LSTM and of every small network; memory: of the memory; steps: most steps of the common
    time line; dropout: inside the small networks; front_padding, shuffle, standardise: see the quirks; rate, decay: of
    the optimiser."""

    hidden: int = 128
    memory: int = 128
    steps: int = 50
    dropout: float = 0.3
    front_padding: bool = False
    shuffle: bool = True
    rate: float = 1e-3
    decay: float = 1e-5
    optimiser: Literal["adamw", "adam"] = "adam"
    epochs: int = 100
    patience: int = 20
    batch: int = 32
    standardise: bool = True


REPLICATE = {"front_padding": True, "shuffle": False, "standardise": False, "patience": 100}

CARD = Card(
    name="mfn",
    title="MFN: one LSTM a modality, attention over their cells, a gated memory between them",
    source="Zadeh et al. 2018 (AAAI, arXiv 1802.00927), as in NKU-HLT/EmotionTalk@6ff3022, toolkit/models/mfn.py "
    "(after pliang279/MFN). It takes aligned steps; here sequences of other lengths are stretched or averaged onto one "
    "time line, as long as the longest of the sample and `steps` at most, and a learned vector stands for a modality "
    "at steps without it. An LSTM has one vector of biases, the source's cells two",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate": REPLICATE,
        "tiny": {"hidden": 10, "memory": 8, "dropout": 0.0},
    },
    quirks={**FRONT, **FILE_ORDER, **PLAIN},
)
