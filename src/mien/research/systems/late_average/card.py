"""The card of the late average."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: width of each network's layer, 0 for a linear one; dropout; rate, decay: of AdamW; standardise: features
    to mean 0 and deviation 1 of the training part."""

    hidden: int = 64
    dropout: float = 0.3
    rate: float = 1e-3
    decay: float = 1e-4
    epochs: int = 60
    patience: int = 10
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="late-average",
    title="Late average: each modality answers alone, the answers are averaged",
    source="the usual late fusion, no paper; absent modalities are left out of the average, none at all is no answer",
    nearness="published",
    inputs="sequence",
    config=Config,
    onnx=True,
)
