"""Where the modalities disagree, as a number and in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from mien.analysis.fusion.affect import Conflict
from mien.analysis.fusion.pool import basic
from mien.analysis.senses.evidence import Evidence

NAMES = {"audio": "voice", "face": "face", "text": "words", "scene": "scene", "signal": "signals"}
WORTH_SAYING = 0.3


def conflict_of(evidence: Sequence[Evidence]) -> Conflict:
    """The strongest disagreement between two pieces of evidence.

    score in [0, 1]: half the absolute difference of the two distributions over the six emotions (neutral not counted:
    a calm voice beside a smile is half a conflict at most), times the lower of the two qualities.
    """
    worst, words = 0.0, ""
    for first, second in combinations(evidence, 2):
        left, right = basic(first), basic(second)
        score = float(np.abs(left.values - right.values)[1:].sum() / 2 * min(first.quality, second.quality))
        if score > worst:
            worst = score
            differ = left.top != right.top and score >= WORTH_SAYING
            words = f"{NAMES[first.modality]}: {left.top}, {NAMES[second.modality]}: {right.top}" if differ else ""
    return Conflict(round(min(worst, 1.0), 6), words)
