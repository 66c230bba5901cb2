"""The card of CIDer."""

from __future__ import annotations

from dataclasses import dataclass

from mien.errors import RequestError
from mien.research.systems import Card


@dataclass(frozen=True, slots=True)
class Config:
    """embed: width inside; layers, heads: of the composite transformer; aligned: frames already stand one a word;
    marks: the first and last step of text are [CLS] and [SEP], which gather no frames and are never hidden in training;
    grid: words that are assumed where a sample has no text; standardise: features to mean 0, deviation 1 of training;
    normed: norms in the head's encoders of audio and face means (published across data sets).

    Views: in each step some of every training sample is hidden: one rate for each sample and modality, uniform in
    [0, 1]. Weights of the self-distillation: representation, attention, reconstruction.
    tau: how much of the counterfactual text's answer is taken off is chosen on validation among 0, 0.1, ..., 3, where
    the data have the modality "text_counterfactual" (see counterfactual.py), or "none".

    rate_per "position", position_axis "batch", frozen_lengths, average_means, carry_gradient and selection: the quirks.
    """

    embed: int = 32
    layers: int = 3
    heads: int = 8
    aligned: bool = False
    marks: bool = False
    grid: int = 16
    standardise: bool = True
    normed: bool = False
    embed_dropout: float = 0.2
    attention_dropout: float = 0.0
    relu_dropout: float = 0.1
    residual_dropout: float = 0.1
    out_dropout: float = 0.3
    representation: float = 0.5
    attention: float = 0.1
    reconstruction: float = 0.6
    distance: str = "smooth_l1"
    tau: str = "validation"
    rate: float = 1e-3
    decay: float = 0.0
    epochs: int = 200
    patience: int = 10
    batch: int = 128
    rate_per: str = "sample"
    position_axis: str = "time"
    frozen_lengths: bool = False
    average_means: bool = True
    carry_gradient: bool = False
    selection: str = "validation"

    def __post_init__(self) -> None:
        if self.embed % self.heads:
            raise RequestError(f"cider: embed {self.embed} must be a multiple of heads {self.heads}")
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise RequestError(f"cider: {name} {getattr(self, name)!r}; allowed: {', '.join(allowed)}")
        if self.selection == "test":
            raise RequestError("cider: selection on the test part, as published, is refused; allowed: validation")


CHOICES = {
    "rate_per": ("sample", "position"),
    "position_axis": ("time", "batch"),
    "distance": ("smooth_l1", "l1", "mse"),
    "tau": ("validation", "none"),
    "selection": ("validation", "test"),
}

CARD = Card(
    name="cider",
    title="CIDer: words, gathered frames and a composite transformer, distilled from complete to incomplete views",
    source="arXiv 2506.10452; code gw-zhong/CIDer @2f86cbe (MIT). Text comes as features of a frozen encoder here; "
    "there BERT is tuned along",
    nearness="published",
    inputs="sequence",
    tasks=("class",),
    config=Config,
    presets={
        "tiny": {
            "embed": 8, "layers": 1, "heads": 2, "grid": 4, "epochs": 2, "embed_dropout": 0.0, "relu_dropout": 0.0,
            "residual_dropout": 0.0, "out_dropout": 0.0,
        },
        "replicate": {
            "marks": True, "standardise": False, "rate_per": "position", "position_axis": "batch",
            "frozen_lengths": True, "carry_gradient": True,
        },
    },
    quirks={
        "rate_per": "'position' draws a training rate for every position, so that each is missing with probability "
        "1/2 and no training sample is ever almost complete or almost empty",
        "position_axis": "'batch' gives every step of an item the sinusoid of the item's place in the batch: answers "
        "depend on who else is in it, and time has no positions",
        "frozen_lengths": "padding to the longest sample enters the recurrent layers, the transformer and the pooling, "
        "and the decoders are bound to that length; what is missing is zeros",
        "average_means": "outside training every class's mean is the mean over classes and every prior the same (in "
        "the published code of the evaluated part; here of the training part)",
        "carry_gradient": "the gradient of the complete view is not cleared before the step of the incomplete one",
        "selection": "'test' is how the published search and its first upload stop; refused",
        "tau": "the published figures choose it on test, for each metric anew: counterfactual.oracle_tau shows what "
        "that gains, no trained model can hold it",
    },
)  # fmt: skip
