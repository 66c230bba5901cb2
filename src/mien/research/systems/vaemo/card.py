"""The card of VAEmo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """One encoder for all modalities, and its three stages of training: no labels, descriptions, labels.

    hidden, layers, heads, expand, dropout: of the shared encoder; decoder_hidden, decoder_layers: of the light decoder.
    mask_ratio: share of hidden tokens; temperature: of all contrasts; contrast: weight of the contrast of two
    modalities; normalise_target: per patch, as in MAE; one_speaker: no two clips of one speaker in a batch of the first
    two stages, as they are near-duplicates and no true negatives. descriptions: a file of `captions`, "" for no second
    stage; text_width: of their embeddings; paths: what is set against the text, each modality ("dual"), the joint
    features ("fused") or both; keep: weight of the first stage's terms in the second; one_prompt: refuse prompts that
    differ between clips, as they may hold the label. pretrain_epochs, describe_epochs, epochs: of the three stages, 0
    leaves one out; rate, decay: of AdamW; layer_decay: factor on the rate of each layer further from the answer, in the
    last stage; probe: the last stage trains the answer layer alone; balanced: classes weigh by 1 / frequency.
    """

    hidden: int = 128
    layers: int = 4
    heads: int = 4
    expand: int = 4
    dropout: float = 0.1
    decoder_hidden: int = 64
    decoder_layers: int = 1
    mask_ratio: float = 0.75
    temperature: float = 0.07
    contrast: float = 0.1
    normalise_target: bool = True
    one_speaker: bool = True
    descriptions: str = ""
    text_width: int = 512
    paths: Literal["dual", "fused", "both"] = "dual"
    keep: float = 0.1
    one_prompt: bool = True
    pretrain_epochs: int = 60
    describe_epochs: int = 20
    epochs: int = 40
    patience: int = 10
    batch: int = 32
    rate: float = 5e-4
    decay: float = 1e-2
    layer_decay: float = 1.0
    probe: bool = False
    balanced: bool = False
    standardise: bool = True


CARD = Card(
    name="vaemo",
    title="VAEmo (Mien definition): one encoder for voice and face, taught without labels, then by descriptions",
    source="described in arXiv 2505.02331 (abstract; MSA-LMC/VAEmo @732a916 holds no code); loss terms as in CAV-MAE "
    "(arXiv 2210.07839); sizes, weights and the two text paths are Mien's own choice",
    nearness="re-creation",
    inputs="sequence",
    config=Config,
    shares=("mask_ratio",),
    presets={
        "tiny": {
            "hidden": 16, "layers": 2, "heads": 2, "expand": 2, "decoder_hidden": 8, "mask_ratio": 0.5, "dropout": 0.0,
            "pretrain_epochs": 3, "epochs": 5, "batch": 8,
        },
        "small": {"hidden": 384, "layers": 8, "heads": 6, "decoder_hidden": 192, "decoder_layers": 2},
        "probe": {"probe": True},
        "labels-only": {"pretrain_epochs": 0},
    },
    quirks={"one_speaker": "false: clips of one speaker are each other's negatives"},
)  # fmt: skip
