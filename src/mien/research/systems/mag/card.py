"""The card of MAG."""

from __future__ import annotations

from dataclasses import dataclass

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """width: of a word; before, after: transformer layers before and after the words are shifted; heads: of their
    attention; shift: largest length of a shift as a share of the word's own; attention: dropout of attention; dropout:
    of everything else; rate, decay: of the optimiser; standardise: features to mean 0 and deviation 1 of the training
    part."""

    width: int = 128
    before: int = 0
    after: int = 2
    heads: int = 4
    shift: float = 1.0
    attention: float = 0.1
    dropout: float = 0.3
    rate: float = 5e-4
    decay: float = 1e-4
    epochs: int = 60
    patience: int = 8
    batch: int = 32
    standardise: bool = True


CARD = Card(
    name="mag",
    title="MAG: words are shifted by what is heard and seen with them, then read by a transformer",
    source="Rahman et al. 2020 (ACL, 2020.acl-main.214; MAG-BERT), the gate as in thuiar/MMSA@a94e65d, "
    "models/singleTask/BERT_MAG.py. There it sits inside a BERT that is trained along; here between transformer layers "
    "of its own, over whatever word vectors the data has. Other modalities are stretched or averaged onto the words; "
    "where one is missing it shifts nothing, and a learned vector stands for absent words. The mean of the words "
    "answers in place of the first token",
    nearness="partial",
    inputs="sequence",
    needs=("text",),
    config=Config,
    shares=("attention",),
    presets={
        "gate-alone": {"after": 0},
        "tiny": {"width": 8, "heads": 2, "after": 1, "attention": 0.0, "dropout": 0.0},
    },
)
