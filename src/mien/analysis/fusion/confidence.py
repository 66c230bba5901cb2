"""How sure: the calibrated probability that the top label is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.affect.distribution import Distribution
from mien.analysis.fusion.affect import Conflict
from mien.analysis.fusion.pool import weights_card
from mien.analysis.senses.evidence import Evidence


def confidence_of(
    fused: Distribution, evidence: Sequence[Evidence], weights: Sequence[float], conflict: Conflict
) -> float:
    """Probability in [0, 1] that the fused top label is what people would say, outside the training material.

    A logistic in the logit of the top probability, the mean quality of the evidence used and the conflict; its
    coefficients are fitted by recipes/fusion on people outside the training part and stand in weights.json.
    """
    fit = weights_card()["confidence"]
    top = float(np.clip(fused.values.max(), 1e-4, 1 - 1e-4))
    quality = sum(weight * item.quality for item, weight in zip(evidence, weights, strict=True))
    score = fit["bias"] + fit["top"] * np.log(top / (1 - top)) + fit["quality"] * quality
    return round(float(1 / (1 + np.exp(-score - fit["conflict"] * conflict.score))), 6)
