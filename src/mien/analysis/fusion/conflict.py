"""Where the modalities disagree, as a number and in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from mien.analysis.fusion.affect import Conflict
from mien.analysis.fusion.pool import basic, pool
from mien.analysis.senses.evidence import Evidence

NAMES = {"audio": "voice", "face": "face", "text": "words", "scene": "scene", "signal": "signals"}
WORTH_SAYING = 0.3


def conflict_of(evidence: Sequence[Evidence], weights: Sequence[float]) -> Conflict:
    """The strongest disagreement between two pieces of evidence, and which of them all fused agree with.

    score in [0, 1]: half the absolute difference of the two distributions over the six emotions (neutral not counted:
    a calm voice beside a smile is half a conflict at most), times the lower of the two qualities.
    """
    worst, said = 0.0, {}
    for first, second in combinations([item for item, weight in zip(evidence, weights, strict=True) if weight], 2):
        left, right = basic(first), basic(second)
        score = float(np.abs(left.values - right.values)[1:].sum() / 2 * min(first.quality, second.quality))
        if score > worst:
            worst = score
            said = {left.top: NAMES[first.modality], right.top: NAMES[second.modality]}
    score = round(min(worst, 1.0), 6)
    if len(said) < 2 or worst < WORTH_SAYING:
        return Conflict(score, "")
    words = ", ".join(f"{name}: {label}" for label, name in said.items())
    return Conflict(score, words, said.get(pool(evidence, weights).top, "neither"))
