"""The card of MFM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of every LSTM and of the codes, factors are half of it; memory: of the memory; steps: most steps
    of the common time line; dropout: inside the small networks; rebuild: weight of telling the modalities again (the
    source draws one a modality out of .01, .1, .5, 1); prior: weight of the distance to the normal distribution (drawn
    out of 10, 50, 100); sampled, front_padding, standardise: see the quirks; rate, decay: of the optimiser."""

    hidden: int = 128
    memory: int = 128
    steps: int = 50
    dropout: float = 0.3
    rebuild: float = 0.1
    prior: float = 10.0
    sampled: bool = False
    front_padding: bool = False
    rate: float = 1e-3
    decay: float = 1e-5
    optimiser: Literal["adamw", "adam"] = "adam"
    epochs: int = 100
    patience: int = 20
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="mfm",
    title="MFM: a factor of the answer and one a modality, from which the modalities are told again",
    source="Tsai et al. 2019 (ICLR, arXiv 1806.06176), as in NKU-HLT/EmotionTalk@6ff3022, toolkit/models/mfm.py: the "
    "answer's code is MFN's last states and memory. Only real steps of modalities that are there are told again and "
    "held against the normal distribution; time line and absence as in mfn",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate": {"sampled": True, "front_padding": True, "standardise": False, "patience": 100},
        "tiny": {"hidden": 10, "memory": 8, "dropout": 0.0},
    },
    quirks={
        "sampled": "the distance to the normal distribution is taken to as many samples drawn anew at each step; by "
        "default to the distribution itself",
        "front_padding": "zeros in front up to the longest sequence of the data are read as if they were features",
        "standardise": "false: features go in as they are",
    },
)
