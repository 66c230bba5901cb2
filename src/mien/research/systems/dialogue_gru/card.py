"""The card of the dialogue GRU."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """utterance: width of a turn; dialogue, party, emotion: widths of the three states; both: read the dialogue
    backwards too (else a turn knows only those before it); attend: each turn attends to the emotion states of all;
    dropout; rate, decay: of the optimiser; batch: dialogues a step; standardise: features to mean 0 and deviation 1
    of the training part."""

    utterance: int = 100
    dialogue: int = 150
    party: int = 150
    emotion: int = 100
    both: bool = True
    attend: bool = True
    dropout: float = 0.3
    rate: float = 1e-3
    decay: float = 1e-5
    epochs: int = 60
    patience: int = 10
    batch: int = 16
    standardise: bool = True


CARD = Card(
    name="dialogue-gru",
    title="Dialogue GRU: states of the dialogue, of each speaker and of the emotion",
    source="after DialogueRNN (Majumder et al. 2019, AAAI), written from the paper's equations, not compared with its "
    "code; a turn keeps its own emotion state beside what it attends to; a turn is the means of its modalities, with "
    "the training mean plus a learned vector for one that is absent; turns of unknown speakers share one party state",
    nearness="re-creation",
    inputs="dialogue",
    config=Config,
    presets={
        "tiny": {"utterance": 16, "dialogue": 16, "party": 16, "emotion": 16, "dropout": 0.0},
    },
)
