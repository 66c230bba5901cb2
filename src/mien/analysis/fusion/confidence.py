"""How sure: the calibrated probability that the top label is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.affect.distribution import Distribution
from mien.analysis.fusion.affect import Conflict
from mien.analysis.fusion.pool import basic, weights_card
from mien.analysis.senses.evidence import Evidence

SIGNS = ("top", "quality", "conflict", "agreement")
"""What tells how sure an answer is, in the order of `signs`; each has a coefficient in weights.json."""


def confidence_of(
    fused: Distribution, evidence: Sequence[Evidence], weights: Sequence[float], conflict: Conflict
) -> float:
    """Probability in [0, 1] that the fused top label is the one people gave, outside the training material.

    A logistic in the `signs`; its coefficients are fitted by recipes/fusion/confidence.py on people outside the
    training part and stand in weights.json, and so does `most`: how often the surest tenth of them was right. No answer
    is told to be surer than that.
    """
    fit = weights_card()["confidence"]
    found = signs(fused, evidence, weights, conflict)
    score = fit["bias"] + sum(fit[name] * value for name, value in zip(SIGNS, found, strict=True))
    return round(min(float(1 / (1 + np.exp(-score))), float(fit["most"])), 6)


def signs(
    fused: Distribution, evidence: Sequence[Evidence], weights: Sequence[float], conflict: Conflict
) -> tuple[float, float, float, float]:
    """Logit of the top probability; mean quality by weight; conflict score; agreement.

    fused: in basic7. agreement: logit that the top label has in the product of the answers, each raised to its
    quality: it grows with every modality that says the same, which a mean does not.
    """
    place = int(fused.values.argmax())
    used = [(item, weight) for item, weight in zip(evidence, weights, strict=True) if weight > 0]
    quality = sum(weight * item.quality for item, weight in used)
    logs = sum((item.quality * np.log(basic(item).values.clip(1e-3)) for item, _ in used), np.zeros(len(fused.values)))
    product = np.exp(logs - logs.max())
    return _logit(float(fused.values[place])), quality, conflict.score, _logit(float(product[place] / product.sum()))


def _logit(probability: float) -> float:
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return float(np.log(bounded / (1 - bounded)))
