"""The card of MoSEAR's experts and gating."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """A small transformer, and the experts on its queries and values.

    hidden, layers, heads, dropout: of the transformer. rank, alpha: of each expert, scaled by alpha / rank; experts of
    each modality; top_k: how many of them act at once; text_lora: an ordinary low-rank update for text, which has no
    experts. balance: weight of the term that keeps modalities equally heavy; load: of the one that keeps experts
    equally used. base_epochs: the transformer alone; epochs: experts, gates and answer layer, all else frozen.
    """

    hidden: int = 64
    layers: int = 2
    heads: int = 4
    dropout: float = 0.1
    rank: int = 4
    alpha: float = 8.0
    experts: int = 4
    top_k: int = 1
    text_lora: bool = False
    balance: float = 0.1
    load: float = 0.01
    base_epochs: int = 30
    epochs: int = 30
    patience: int = 10
    batch: int = 32
    rate: float = 1e-3
    decay: float = 1e-2
    standardise: bool = True


CARD = Card(
    name="mosear",
    title="MoSEAR's modality-specific experts (Mien definition), on a small transformer; without a language model",
    source="described in arXiv 2508.01181 (abstract and project page); the code could not be obtained, so the "
    "equations are a re-construction. Attention reallocation (reallocation.py) is switched on around a trained model",
    nearness="re-creation",
    inputs="sequence",
    config=Config,
    presets={
        "tiny": {
            "hidden": 16, "layers": 2, "heads": 2, "rank": 2, "experts": 2, "dropout": 0.0, "base_epochs": 3,
            "epochs": 3,
        },
        "with-text-update": {"text_lora": True},
    },
)  # fmt: skip
