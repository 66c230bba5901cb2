"""Arrays for every metric of arrays: what each kind compares."""

import numpy as np

from mien.metrics import METRICS

RNG = np.random.default_rng(5)
N = 60
LABELS = RNG.integers(0, 4, N)
ANSWERS = np.where(RNG.random(N) < 0.6, LABELS, RNG.integers(0, 4, N))
NUMBERS = RNG.normal(size=N)
GUESSES = NUMBERS + RNG.normal(size=N)
BITS, MORE_BITS = RNG.integers(0, 2, (N, 3)), RNG.integers(0, 2, (N, 3))
ROWS, OTHER_ROWS = RNG.dirichlet(np.ones(4), N), RNG.dirichlet(np.ones(4), N)
SPEAKERS = RNG.integers(0, 9, N)
OWN = {"mien.metrics.judgment", "mien.metrics.steps", "mien.metrics.gaps", "mien.metrics.missing"}


def arrays(entry):
    """Arrays that a metric of this kind takes, or None where it compares something else."""
    if entry.compute.__module__ in OWN or entry.kind not in INPUTS:
        return None
    if entry.id in ("roc_auc", "average_precision"):
        return LABELS % 2, ROWS[:, 0]
    if entry.id == "roc_auc_classes":
        return LABELS, ROWS
    if entry.id in ("aurc", "excess_aurc"):
        return (LABELS != ANSWERS).astype(int), ROWS[:, 0]
    if entry.compute.__module__ == "mien.metrics.detection":
        return LABELS % 2, ANSWERS % 2
    if entry.compute.__module__ in ("mien.metrics.ranking", "mien.metrics.label_ranking"):
        return BITS, ROWS[:, :3]
    return INPUTS[entry.kind]


INPUTS = {
    "classification": (LABELS, ANSWERS),
    "regression": (NUMBERS, GUESSES),
    "multilabel": (BITS, MORE_BITS),
    "distribution": (ROWS, OTHER_ROWS),
    "probability": (LABELS, ROWS),
}
CHECKED = [name for name, entry in METRICS.items() if arrays(entry) is not None]
FAST = [name for name in CHECKED if METRICS[name].sums is not None]
