"""How well Mien does on a person's own labelled clips: accuracy with interval, calibration, and a fitted threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.analysis.labelled import TOGETHER, Answered
from mien.metrics.calibration import ece
from mien.metrics.score import Score, evaluate
from mien.metrics.selective import risk_coverage

NAMES = {TOGETHER: "together", "audio": "voice alone", "face": "face alone", "text": "words alone"}
FEWEST = 20
"""Answered clips below which no threshold is fitted."""


@dataclass(frozen=True, slots=True)
class Row:
    """How well one reading does: clips it answers, accuracy, recall averaged over classes, share of the commonest."""

    name: str
    answered: int
    accuracy: Score
    uar: Score
    majority: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """Keep answers with at least this confidence: share of the clips kept, share right among them."""

    confidence: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Own:
    """What was found on a person's own clips.

    rows: all evidence together, then each modality alone, scored on the clips it answers; calibration: expected gap
    between confidence and share right; mean_confidence; threshold: the least confidence above which at least `target`
    were right, or None where no such was found or too few clips were answered; unanswered: reason -> count.
    """

    clips: int
    target: float
    rows: tuple[Row, ...]
    calibration: float
    mean_confidence: float
    threshold: Threshold | None
    unanswered: dict[str, int]


def figures(found: Sequence[Answered], *, target: float = 0.8, rounds: int = 1000, seed: int = 0) -> Own:
    """All figures. target: share right that the threshold should reach; intervals draw whole groups where there are."""
    names = [name for name in NAMES if any(name in one.answers for one in found)]
    rows = tuple(_row(name, [one for one in found if name in one.answers], rounds, seed) for name in names)
    answered = [one for one in found if TOGETHER in one.answers]
    right = np.array([one.answers[TOGETHER].top == one.clip.label for one in answered], float)
    sure = np.array([one.confidence for one in answered])
    why = Counter(one.why for one in found if TOGETHER not in one.answers)
    return Own(
        len(found),
        target,
        rows,
        ece(right, sure, bins=10) if len(right) else float("nan"),
        float(sure.mean()) if len(sure) else float("nan"),
        _threshold(right, sure, target, len(found)),
        dict(why),
    )


def _row(name: str, found: Sequence[Answered], rounds: int, seed: int) -> Row:
    truth = [one.clip.label for one in found]
    said = [one.answers[name].top for one in found]
    groups = [one.clip.group for one in found]
    drawn = groups if all(groups) and len(set(groups)) > 1 else None
    accuracy, uar = (
        evaluate(metric, truth, said, groups=drawn, rounds=rounds if len(found) > 1 else 0, rng=seed)
        for metric in ("accuracy", "uar")
    )
    return Row(NAMES[name], len(found), accuracy, uar, max(Counter(truth).values()) / len(truth))


def _threshold(right: np.ndarray, sure: np.ndarray, target: float, clips: int) -> Threshold | None:
    """The widest coverage whose accuracy, less a standard error, reaches the target: a lucky few are no threshold."""
    if len(right) < FEWEST:
        return None
    coverage, risk = risk_coverage(1 - right, sure)
    kept = coverage * len(right)
    error = np.sqrt(np.maximum(risk * (1 - risk), 0.25 / kept) / kept)
    good = np.flatnonzero((1 - risk - error >= target) & (kept >= FEWEST / 2))
    if not len(good):
        return None
    count = round(float(kept[good[-1]]))
    least = float(np.sort(sure)[::-1][count - 1])
    return Threshold(least, count / clips, float(1 - risk[good[-1]]))
