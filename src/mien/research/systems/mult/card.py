"""The card of MulT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mien.research.systems import Card
from mien.research.systems.shared import ADAM, SUMMED, editions


@dataclass(frozen=True, slots=True)
class Config:
    """width, heads: of each modality; layers: of a cross-modal transformer; memory_layers: at least so many after it;
    kernel_*: of the first convolutions (video: face and scene; audio: all others); attention_*: dropout of attention by
    the modality that answers; relu, residual, embed, text, output: further dropouts; causal, positions, padding: see
    quirks; rate, decay: of the optimiser; plateau: epochs without a better validation score after which the rate is
    divided by 10, 0 for never; clip_value: largest gradient; summed: see quirks; standardise: features to mean 0
    and deviation 1 of the training part."""

    width: int = 50
    heads: int = 10
    layers: int = 4
    memory_layers: int = 3
    kernel_text: int = 5
    kernel_audio: int = 5
    kernel_video: int = 5
    attention_text: float = 0.3
    attention_audio: float = 0.2
    attention_video: float = 0.0
    relu: float = 0.0
    residual: float = 0.0
    embed: float = 0.2
    text: float = 0.5
    output: float = 0.5
    causal: bool = False
    positions: Literal["time", "value", "none"] = "time"
    padding: bool = False
    rate: float = 2e-3
    decay: float = 5e-3
    plateau: int = 6
    clip_value: float = 0.6
    summed: int = 1
    optimiser: Literal["adamw", "adam"] = "adamw"
    epochs: int = 60
    patience: int = 8
    batch: int = 16
    standardise: bool = True


MOSEI = {
    "width": 30, "heads": 6, "kernel_audio": 1, "kernel_video": 3, "attention_text": 0.4, "attention_audio": 0.0,
    "embed": 0.0, "text": 0.3, "rate": 5e-4, "decay": 1e-3, "batch": 4, "plateau": 21,
}  # fmt: skip
QUIRKS = {"causal": True, "positions": "none", "padding": True, "standardise": False, "optimiser": "adam", "summed": 8}

CARD = Card(
    name="mult",
    title="MulT: every modality asks every other through a transformer of its own",
    source="Tsai et al. 2019 (ACL), as in thuiar/MMSA@a94e65d, models/singleTask/MULT.py (which leaves out the paper's "
    "positions). Convolutions keep the length, and project always; the source shortens, and leaves a modality alone "
    "that is already as wide. An absent modality is not attended to, and the "
    "training mean plus a learned vector stands for its summary",
    nearness="published",
    inputs="sequence",
    config=Config,
    shares=("attention_text", "attention_audio", "attention_video", "relu", "residual", "embed", "text", "output"),
    presets={
        **editions(QUIRKS, MOSEI),
        "replicate-original": {**QUIRKS, "positions": "value", "summed": 1},
        "tiny": {"width": 8, "heads": 2, "layers": 1, "memory_layers": 1, "kernel_text": 3, "kernel_audio": 1,
                 "kernel_video": 3, "attention_text": 0.0, "attention_audio": 0.0, "embed": 0.0, "text": 0.0,
                 "output": 0.0},
    },
    quirks={
        "causal": "a step reads only steps up to its own place plus the difference of the lengths",
        "positions": "value (original code): no position where the first feature is exactly 0; none (MMSA)",
        "padding": "padding is taken for data: it is attended to, and the last step of the batch is read, real or not",
        **SUMMED,
        **ADAM,
    },
)  # fmt: skip
