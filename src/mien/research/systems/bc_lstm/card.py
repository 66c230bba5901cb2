"""The card of bc-LSTM."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """hidden: states of each direction; dense: width of the layer after each LSTM; both: also read the dialogue
    backwards (else a turn knows only those before it); levels: 2 reads each modality for itself first, 1 all at once;
    dropout; rate, decay: of the optimiser; batch: dialogues a step; standardise: features to mean 0 and deviation 1
    of the training part."""

    hidden: int = 150
    dense: int = 100
    both: bool = True
    levels: int = 2
    dropout: float = 0.4
    rate: float = 1e-3
    decay: float = 1e-5
    epochs: int = 60
    patience: int = 10
    batch: int = 16
    standardise: bool = True


CARD = Card(
    name="bc-lstm",
    title="bc-LSTM: turns of a dialogue read in both directions, each modality for itself, then all together",
    source="Poria et al. 2017 (ACL, P17-1081), the hierarchical framework, written from the paper, not compared with "
    "its code. There each modality's network is trained first and then left as it is; here all learn together. A turn "
    "is the means of its modalities, with the training mean plus a learned vector for one that is absent",
    nearness="re-creation",
    inputs="dialogue",
    config=Config,
    presets={"tiny": {"hidden": 10, "dense": 12, "dropout": 0.0}},
)
