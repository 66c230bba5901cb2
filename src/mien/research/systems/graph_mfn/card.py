"""The card of Graph-MFN."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card
from mien.research.systems.mfn.card import REPLICATE
from mien.research.systems.mfn.card import Config as Mfn
from mien.research.systems.shared import FILE_ORDER, FRONT, PLAIN


@dataclass(frozen=True, slots=True)
class Config(Mfn):
    """As of MFN (hidden: of every vertex too); inner: width of the layer inside a vertex."""

    inner: int = 100


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
        "replicate": REPLICATE,
        "tiny": {"hidden": 10, "inner": 12, "memory": 8, "dropout": 0.0},
    },
    quirks={**FRONT, **FILE_ORDER, **PLAIN},
)
