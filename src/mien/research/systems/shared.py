"""Words and presets that several cards share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLAIN = {"standardise": "false: features go in as they are"}
ADAM = {**PLAIN, "optimiser": "adam: the weight decay is part of the gradient"}
POOLED = {
    "text_dropout": "0: the reference sets the dropout of a one-layer text network to 0, whatever is asked for",
    "padded_mean": "the mean over time divides by the padded length, which shrinks short clips",
    **ADAM,
}
SUMMED = {
    "summed": "losses of so many batches are added up in a step (MMSA's update_epochs), and those left at the end of "
    "an epoch are thrown away"
}
FILE_ORDER = {
    "shuffle": "false: released training goes through the data in the order of the file, dialogue by dialogue"
}
FRONT = {"front_padding": "zeros in front up to the longest sequence of the data are read as if they were features"}
FIRST = {"first_step": "text is its first step (BERT's [CLS]), not the mean over the real steps"}

Settings = Mapping[str, Any]


def editions(quirks: Settings, mosei: Settings, mosi: Settings | None = None) -> dict[str, Settings]:
    """MMSA's settings for its two data sets, each also with the quirks of its code."""
    mosi = mosi or {}
    return {
        "mosi": mosi,
        "mosei": mosei,
        "replicate": {**mosi, **quirks},
        "replicate-mosei": {**mosei, **quirks},
    }
