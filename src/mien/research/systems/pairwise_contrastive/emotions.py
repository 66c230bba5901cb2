"""The six emotions of MOSEI scored one by one, with the numbers that a weighted F1 hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mien.errors import RequestError
from mien.metrics.classification import weighted_f1
from mien.metrics.multilabel import multilabel_macro_f1, multilabel_weighted_accuracy

MOSEI = ("happy", "sad", "anger", "surprise", "disgust", "fear")


@dataclass(frozen=True, slots=True)
class Emotion:
    """One emotion: its share of the truth, balanced accuracy (MOSEI's weighted accuracy, NaN where the truth lacks
    one of the two classes), F1 of the present class, and the F1 of absent and present weighted by their support."""

    name: str
    prevalence: float
    balanced_accuracy: float
    present_f1: float
    weighted_f1: float


def emotions(truth: ArrayLike, probability: ArrayLike, names: Sequence[str] = MOSEI) -> tuple[Emotion, ...]:
    """truth (n, k): intensities, present where above 0; probability (n, k): present where above 0.5."""
    known, given = np.asarray(truth) > 0, np.asarray(probability) > 0.5
    if known.shape != given.shape or known.ndim != 2 or known.shape[1] != len(names):
        raise RequestError(f"expected two tables (n, {len(names)}), got {known.shape} and {given.shape}")
    found = []
    for at, name in enumerate(names):
        column = known[:, at : at + 1].astype(int), given[:, at : at + 1].astype(int)
        found.append(
            Emotion(
                name,
                float(known[:, at].mean()),
                multilabel_weighted_accuracy(*column),
                multilabel_macro_f1(*column),
                weighted_f1(known[:, at].astype(int), given[:, at].astype(int)),
            )
        )
    return tuple(found)


def emotions_text(found: Sequence[Emotion]) -> str:
    """A table: weighted F1 never stands alone."""
    lines = [f"{'emotion':<10} {'share':>6} {'balanced':>9} {'F1 present':>11} {'weighted F1':>12} {'all absent':>11}"]
    for one in found:
        # The weighted F1 of who always says "absent".
        floor = 2 * (1 - one.prevalence) ** 2 / (2 - one.prevalence)
        lines.append(
            f"{one.name:<10} {one.prevalence:>6.3f} {one.balanced_accuracy:>9.4f} {one.present_f1:>11.4f} "
            f"{one.weighted_f1:>12.4f} {floor:>11.4f}"
        )
    return "\n".join(lines)
