"""The card of Gaussian adaptive attention (GAAM, later renamed density adaptive attention, DAAM)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card

Form = Literal["axis", "layers"]
Gate = Literal["learned", "fixed", "none"]
Normalise = Literal["softmax", "clamped"]
Widths = Literal["positive", "free"]
Variance = Literal["deviations", "moments"]
Rescale = Literal["length", "none"]
Head = Literal["pool", "conv"]
Objective = Literal["focal", "plain"]


@dataclass(frozen=True, slots=True)
class Config:
    """The attention, the head on it, and how they are trained.

    form: "axis" weights the steps of a sequence (the library's attention), "layers" gates the hidden states of a frozen
    encoder, one step a layer (the experiments' attention); heads: groups the steps are cut into; gaussians, blocks: of
    the axis form; gate: "fixed" keeps offset 0 and width 2, "none" takes the attention away (both for ablations);
    normalise: "softmax" of the log product, or "clamped" as published; widths: kept "positive", or "free" as published;
    variance: of a group of layers, from their "deviations", or "moments" as published; rescale: "length" undoes the
    1 / steps of weights that sum to 1; head: "pool" (mean, two layers) or "conv" (each layer an image, published for
    speech); hidden: its width; objective: "focal" or the plain loss of the task; plateau: the rate falls tenfold after
    so many epochs without a better validation score, 0 for never.
    """

    form: Form = "axis"
    heads: int = 1
    gaussians: int = 3
    blocks: int = 2
    gate: Gate = "learned"
    normalise: Normalise = "softmax"
    widths: Widths = "positive"
    variance: Variance = "deviations"
    rescale: Rescale = "length"
    head: Head = "pool"
    hidden: int = 128
    dropout: float = 0.1
    objective: Objective = "focal"
    alpha: float = 0.25
    gamma: float = 2.5
    standardise: bool = True
    rate: float = 1e-3
    decay: float = 1e-2
    epochs: int = 50
    patience: int = 10
    plateau: int = 0
    batch: int = 32


_SPEECH = {"form": "layers", "head": "conv", "hidden": 512, "rate": 1e-4, "epochs": 35, "batch": 8}
_FORM = {"widths": "free", "variance": "moments", "standardise": False}
_PUBLISHED = {**_SPEECH, **_FORM, "patience": 35, "plateau": 11, "dropout": 0.0}

CARD = Card(
    name="gaussian-adaptive-attention",
    title="Gaussian adaptive attention: features weighted by how typical they are along time or encoder layers",
    source="Ioannides et al., arXiv 2401.11143; code gioannides/Gaussian-Adaptive-Attention @145d1bc (axis form) and "
    "gioannides/DAAM-PEFT-paper-code @093212b (layers form, speech head)",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "speech": {**_SPEECH, "heads": 8},
        "no-attention": {"gate": "none"},
        "replicate-v1": {**_PUBLISHED, "heads": 8},
        "replicate-v2": {**_PUBLISHED, "heads": 1},
        "replicate-library": {"normalise": "clamped", "widths": "free", "rescale": "none", "dropout": 0.0},
    },
    quirks={
        "normalise": "clamped: the product over its sum, which no longer sums to 1 where it underflows 1e-8",
        "widths": "free: a width may reach 0 or below in training, where the exponential grows without bound",
        "variance": "moments: E[y^2] - E[y]^2, which float32 rounds away where the layers of a group are nearly alike",
        "rescale": "none: weights sum to 1 along the axis, so what they weight shrinks as 1 / steps",
        "standardise": "false: the published head sees the hidden states as they are",
    },
)
