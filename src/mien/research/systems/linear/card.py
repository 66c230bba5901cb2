"""The card of the linear baseline."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """rate, decay: of AdamW; standardise: features to mean 0 and deviation 1 of the training part."""

    rate: float = 1e-2
    decay: float = 1e-4
    epochs: int = 50
    patience: int = 10
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="linear",
    title="Linear: one linear layer on the mean of each modality",
    source="the usual floor, no paper; an absent modality adds nothing to the sum, not even its bias",
    nearness="published",
    inputs="sequence",
    config=Config,
    onnx=True,
)
