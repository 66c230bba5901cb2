"""What a score is worth: answers that look at nothing, made from the training part's targets, asked the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mien.research.protocols.plan import Trial
from mien.research.samples import Data

Numbers = NDArray[np.float64]


def floors(data: Data, trial: Trial) -> Mapping[str, Mapping[str, Numbers]]:
    """Floor -> condition -> (n, outputs) answers.

    Classes: the commonest of the training part; labels: every label, the commonest alone, each label's share;
    values: mean and median of the training part.
    """
    targets = np.array([np.asarray(data.samples[row].target, float) for row in trial.train])
    constants = _constants(targets, data)
    return {
        name: {ask.condition: np.tile(answer, (len(ask.rows), 1)) for ask in trial.asks}
        for name, answer in constants.items()
    }


def _constants(targets: Numbers, data: Data) -> dict[str, Numbers]:
    count = len(data.space.labels)
    if data.task == "class":
        shares = np.bincount(targets.astype(int), minlength=count) / len(targets)
        return {"always the commonest": np.eye(count)[shares.argmax()]}
    if data.task == "labels":
        shares = targets.mean(axis=0)
        return {
            "always every label": np.ones(count),
            "always the commonest": np.eye(count)[shares.argmax()],
            "each label's share": shares,
        }
    return {"always the mean": targets.mean(axis=0), "always the median": np.median(targets, axis=0)}
