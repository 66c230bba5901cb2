"""The card of the feature-based branch (LFAN, CAN, JMT, MT) and of the head on textualized features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.errors import RequestError
from mien.research.systems import Card

Fusion = Literal["lfan", "can", "jmt", "mt", "text"]
Weighing = Literal["clips", "frames"]
Stack = Literal["elements", "released"]
Optimiser = Literal["adamw", "sgd"]


@dataclass(frozen=True, slots=True)
class Config:
    """fusion: "lfan" (leader and followers), "can" (channel attention), "jmt", "mt" (transformers on two modalities),
    or "text": the textualized branch, words alone, whose `text` is the encoded sentence of `textualize`.

    leader: the modality that leads LFAN, "" for the face (else scene, else the first); channels, audio_channels: of the
    temporal convolutions; kernel, dropout, modal, heads: of LFAN; width: of can, jmt, mt and text; layers: of text;
    weighing, stack: see the quirks; optimiser, rate, decay: published are sgd (momentum .9, Nesterov), 1e-4, 1e-4.
    """

    fusion: Fusion = "lfan"
    leader: str = ""
    channels: tuple[int, ...] = (256, 256, 128, 128)
    audio_channels: tuple[int, ...] = (128, 128, 64, 64)
    kernel: int = 5
    dropout: float = 0.1
    modal: int = 32
    heads: int = 2
    width: int = 128
    layers: int = 1
    weighing: Weighing = "clips"
    stack: Stack = "elements"
    optimiser: Optimiser = "adamw"
    rate: float = 1e-3
    decay: float = 1e-4
    epochs: int = 60
    patience: int = 15
    batch: int = 16
    standardise: bool = True

    def __post_init__(self) -> None:
        if not self.channels or not self.audio_channels or self.kernel < 1:
            raise RequestError("textualized-compound: channels need one width or more, kernel must be 1 or more")
        if self.modal % self.heads:
            raise RequestError(f"textualized-compound: heads {self.heads} do not divide modal {self.modal}")


PUBLISHED = {
    "weighing": "frames", "stack": "released", "optimiser": "sgd", "rate": 1e-4, "decay": 1e-4, "epochs": 1000,
    "batch": 2, "standardise": False,
}  # fmt: skip
# LFAN has a table of its own, narrower in audio; the others take the default dropout of the blocks.
_OTHERS = {**PUBLISHED, "dropout": 0.2}
_TWO = {**_OTHERS, "channels": (256, 256, 128, 128, 128)}

CARD = Card(
    name="textualized-compound",
    title="Textualized and feature-based compound emotion: temporal convolutions and LFAN, CAN, JMT or MT; a text head",
    source="arXiv 2407.12927 (ECCV workshops 2024); code sbelharbi/feature-vs-text-compound-emotion @ead10a7 and "
    "nicolas-richet/feature-vs-text-compound-emotion @a89a7e7. CAN's softmax runs over modalities and channels at once "
    "and is no weight of a modality; JMT and MT read two modalities and no text. The 8B language model is not built",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate-lfan": {**PUBLISHED, "fusion": "lfan", "audio_channels": (64, 64, 32, 32)},
        "replicate-can": {**_OTHERS, "fusion": "can"},
        "replicate-jmt": {**_TWO, "fusion": "jmt"},
        "replicate-mt": {**_TWO, "fusion": "mt"},
        "tiny": {
            "channels": (8, 8), "audio_channels": (8, 8), "kernel": 3, "dropout": 0.0, "modal": 8, "width": 8,
            "epochs": 3,
        },
    },
    quirks={
        "weighing": '"frames": every frame counts alike in the loss, so long clips dominate',
        "stack": '"released": the last attention of JMT and MT runs over all steps of all clips of the batch and '
        "keeps one element of the stack, so a clip's answer depends on its neighbours",
        "optimiser": "the source trains with SGD, two clips a step, up to 1000 epochs",
        "standardise": "the source feeds the features as they are",
    },
)  # fmt: skip
