"""Where the labels of single modalities disagree, and how answers fare there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mien.metrics import METRICS
from mien.page.tables import render
from mien.research.systems.emotiontalk.agreement import agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mien.research.samples import Sample
    from mien.research.training.method import Method

SCORES = ("accuracy", "weighted_f1", "uar")


def report(method: Method, samples: Sequence[Sample], answers: NDArray[np.floating]) -> str:
    """The agreement of the labels, and the scores where they agree and where they conflict."""
    if method.shape.task != "class" or not any(sample.labels for sample in samples):
        return "no labels of single modalities here: nothing to say of disagreement\n"
    found = agreement(samples)
    matrix = render(["agreement", *found.names], [[n, *row] for n, row in zip(found.names, found.matrix, strict=True)])
    truth, given = np.array([int(sample.target) for sample in samples]), answers.argmax(axis=1)
    rows = []
    for name, there in (("modalities agree", found.agree), ("modalities conflict", found.conflict)):
        values = [METRICS[one].compute(truth[there], given[there]) if there.any() else None for one in SCORES]
        rows.append([name, int(there.sum()), *values])
    shares = f"all labels equal: {found.all_equal:.3f}; joint label in no single modality: {found.joint_alone:.3f}\n"
    return matrix + shares + "\n" + render(["items", "n", *SCORES], rows)
