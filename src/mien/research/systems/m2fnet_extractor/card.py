"""The card of M2FNet's extractor, a recipe of metric learning by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card

Network = Literal["auto", "resnet", "mlp"]
MarginGrad = Literal["detach", "differentiable"]
Regulariser = Literal["vicreg", "printed"]


@dataclass(frozen=True, slots=True)
class Config:
    """network: "resnet" reads a sequence as the picture of a spectrogram, "mlp" the mean of the steps; "auto": mlp for
    vectors; channels and blocks of the resnet (64 and 2: ResNet-18); width: of the embedding; hidden: of the mlp;
    triplet, covariance, variance: weights; margin_grad, regulariser, normalise, hinge, margin_eps: see the losses of
    triplets; head_epochs: of the linear layer on frozen embeddings, which answers."""

    network: Network = "auto"
    channels: int = 64
    blocks: int = 2
    hidden: int = 256
    width: int = 300
    triplet: float = 20.0
    covariance: float = 5.0
    variance: float = 1.0
    margin_grad: MarginGrad = "detach"
    regulariser: Regulariser = "vicreg"
    normalise: bool = True
    hinge: bool = False
    margin_eps: float = 0.0
    standardise: bool = True
    rate: float = 1e-4
    decay: float = 1e-6
    epochs: int = 60
    head_rate: float = 1e-2
    head_epochs: int = 30
    patience: int = 10
    batch: int = 64


CARD = Card(
    name="m2fnet-extractor",
    title="Extractor by triplets: embeddings that keep a label together, then a linear layer",
    source="Chudasama et al., arXiv 2206.02187, section 3.1 (M2FNet); no official code; variance and covariance after "
    "iosonopersia/Multimodal-Emotion-Recognition @a279b91 (third party); one triplet an item of the batch, one channel "
    "where the paper paints the spectrogram in colour",
    nearness="partial",
    inputs="sequence",
    tasks=("class",),
    config=Config,
    presets={
        "printed": {"margin_grad": "differentiable", "regulariser": "printed"},
        "replicate-third-party": {
            "margin_grad": "differentiable", "hinge": True, "margin_eps": 1e-6, "decay": 0.0, "epochs": 50, "batch": 32,
        },
        "tiny": {"network": "mlp", "hidden": 16, "width": 12, "rate": 1e-3},
    },
    quirks={
        "margin_grad": "differentiable: negatives beyond 0.307 are pulled in, positives nearer than 0.520 pushed out",
        "regulariser": "printed: no hinge and no square, a signed sum without a minimum",
        "margin_eps": "1e-6: what both exponentials of the margin are raised by (third party)",
        "hinge": "true: the loss at 0 below (third party); it never acts on vectors of length 1",
    },
)  # fmt: skip
