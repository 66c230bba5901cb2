"""The card of the concatenation baseline."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of each layer; layers: hidden layers; dropout; rate, decay: of AdamW; standardise: features to
    mean 0 and deviation 1 of the training part."""

    hidden: int = 128
    layers: int = 2
    dropout: float = 0.3
    rate: float = 1e-3
    decay: float = 1e-4
    epochs: int = 60
    patience: int = 10
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="concat-mlp",
    title="Concatenation MLP: means of all modalities side by side, then a small network",
    source="the usual early fusion, no paper; in place of an absent modality stands a learned vector",
    nearness="published",
    inputs="sequence",
    config=Config,
    onnx=True,
)
