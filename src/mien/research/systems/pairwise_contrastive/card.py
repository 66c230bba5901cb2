"""The card of modality-pairwise unsupervised contrast (MPUC)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card

Positives = Literal["same_view", "other_view"]
Pairs = Literal["each", "concatenated"]
Probe = Literal["linear", "mlp"]
Tuning = Literal["frozen", "fine", "joint"]
Axis = Literal["time", "batch"]


@dataclass(frozen=True, slots=True)
class Config:
    """What is contrasted, the encoders, and the probe.

    encoders: MODALITY=KIND for some (tcn, transformer, mlp, graph, mean); others by themselves: mlp for vectors,
    transformer for text, tcn for other sequences; "mean" has no weights: a frozen backbone made the features.
    layers of transformers, inner: width inside each, 0 for four times its own; blocks of TCNs; width: of the features;
    projection: hidden width of the projectors.
    positives: the same moment of the clip in the other modality, or (published) its other window. pairs: every two
    modalities, or all of them in one vector. spare_group: clips of one group are no negatives of each other.
    window: share of a clip in a view, at one random place for all modalities; text stays whole. frames: steps of a
    view instead, the same index in all modalities, text too (published). whole: read whole clips when not training,
    else their start (published). tuning: probe on frozen features after pre-training, "fine" trains all afterwards,
    "joint" trains the probe in the same stage (published; the encoders then stop with labels). balanced: clips of the
    joint stage are drawn with replacement, rare labels as often as common ones (published). unimodal: one more
    probe for each modality. standardise: inputs by the training part; normalise: features to mean 0, deviation 1 of
    each clip for the probe.
    """

    encoders: tuple[str, ...] = ()
    width: int = 128
    projection: int = 256
    layers: int = 2
    inner: int = 0
    blocks: int = 10
    heads: int = 5
    channels: int = 64
    dropout: float = 0.1
    positives: Positives = "same_view"
    pairs: Pairs = "each"
    temperature: float = 0.07
    base_temperature: float = 0.07
    supervised: bool = False
    spare_group: bool = False
    window: float = 1.0
    frames: int = 0
    whole: bool = True
    position_axis: Axis = "time"
    probe: Probe = "linear"
    tuning: Tuning = "frozen"
    balanced: bool = False
    unimodal: bool = False
    positive_weights: tuple[float, ...] = ()
    standardise: bool = True
    normalise: bool = True
    optimiser: Literal["adamw", "sgd"] = "adamw"
    rate: float = 1e-3
    probe_rate: float = 1e-2
    decay: float = 1e-3
    decay_every: int = 0
    pretraining: int = 50
    epochs: int = 50
    patience: int = 10
    batch: int = 64


_PUBLISHED = {
    "width": 512,
    "projection": 1024,
    "layers": 6,
    "inner": 2048,
    "positives": "other_view",
    "whole": False,
    "position_axis": "batch",
    "probe": "mlp",
    "tuning": "joint",
    "balanced": True,
    "unimodal": True,
    "standardise": False,
    "normalise": False,
    "optimiser": "sgd",
    "rate": 1e-3,
    "probe_rate": 1e-3,
    "pretraining": 2000,
    "batch": 32,
}

CARD = Card(
    name="pairwise-contrastive",
    title="Pairwise contrast: encoders that agree on a clip across every two modalities, then a probe",
    source="Franceschini et al., arXiv 2207.11482, ICPR 2022; code ricfrr/mpuc-mer @1ae3add",
    nearness="published",
    inputs="sequence",
    config=Config,
    presets={
        "replicate-mosei": {
            **_PUBLISHED,
            "frames": 30,
            "patience": 50,
            "decay_every": 5,
            "positive_weights": (1.05285, 5.215074, 5.3373003, 19.489855, 7.0448384, 23.688004),
        },
        "replicate-ravdess": {**_PUBLISHED, "frames": 90, "patience": 100, "decay_every": 100},
        "tiny": {"width": 16, "projection": 16, "layers": 1, "blocks": 1, "heads": 1, "channels": 8, "dropout": 0.0},
        "random-encoders": {"pretraining": 0},
        "frozen-backbones": {"encoders": ("audio=mean", "face=mean", "scene=mean", "signal=mean", "text=mean")},
    },
    quirks={
        "positives": "other_view: the other modality at the same moment is thrown away, the loss halved",
        "position_axis": "batch: each token's position is the place of its clip in the batch",
        "tuning": "joint: the epoch of the encoders is chosen by the probe, with labels",
        "balanced": "true: labels tell which clips the encoders see most often",
        "frames": "text is cut by the indices of frames",
        "whole": "false: clips are read from their start only when not training, so both views are one",
    },
)
