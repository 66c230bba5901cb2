"""The card of MFM."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card
from mien.research.systems.mfn.card import REPLICATE
from mien.research.systems.mfn.card import Config as Mfn
from mien.research.systems.shared import FILE_ORDER, FRONT, PLAIN


@dataclass(frozen=True, slots=True)
class Config(Mfn):
    """As of MFN (hidden: of the codes too, factors are half of it); rebuild: weight of telling the modalities again
    (the source draws one a modality out of .01, .1, .5, 1); prior: weight of the distance to the normal distribution
    (drawn out of 10, 50, 100); sampled: see the quirks."""

    rebuild: float = 0.1
    prior: float = 10.0
    sampled: bool = False


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
        "replicate": {**REPLICATE, "sampled": True},
        "tiny": {"hidden": 10, "memory": 8, "dropout": 0.0},
    },
    quirks={
        "sampled": "the distance to the normal distribution is taken to as many samples drawn anew at each step; by "
        "default to the distribution itself",
        **FRONT,
        **FILE_ORDER,
        **PLAIN,
    },
)
