"""The card of Graph-MFN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of every LSTM, vertex and small network; inner: of the layer inside a vertex; memory: of the
    memory; steps: most steps of the common time line; dropout: inside the small networks; front_padding, standardise:
    see the quirks; rate, decay: of the optimiser."""

    hidden: int = 128
    inner: int = 100
    memory: int = 128
    steps: int = 50
    dropout: float = 0.3
    front_padding: bool = False
    rate: float = 1e-3
    decay: float = 1e-5
    optimiser: Literal["adamw", "adam"] = "adam"
    epochs: int = 100
    patience: int = 20
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="graph-mfn",
    title="Graph-MFN: MFN with a graph of all groups of modalities in place of its attention",
    source="Zadeh et al. 2018 (ACL, P18-1208), as in NKU-HLT/EmotionTalk@6ff3022, toolkit/models/graph_mfn.py (after "
    "A2Zadeh/CMU-MultimodalSDK): vertices and efficacies are linear layers without anything between them, and "
    "efficacies have no bounds. Time line and absence as in mfn",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate": {"front_padding": True, "standardise": False, "patience": 100},
        "tiny": {"hidden": 10, "inner": 12, "memory": 8, "dropout": 0.0},
    },
    quirks={
        "front_padding": "zeros in front up to the longest sequence of the data are read as if they were features",
        "standardise": "false: features go in as they are",
    },
)
