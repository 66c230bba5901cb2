"""Several labels an item: how many of the labels an answer names are right.

>>> samples_precision([[1, 0, 0], [1, 1, 0]], [[1, 1, 1], [0, 0, 0]])
0.16666666666666666
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.metrics.arrays import paired_numbers
from mien.metrics.metric import metric
from mien.metrics.sums import Sums, mean_of


def _samples_precision(truth: Any, prediction: Any) -> Sums:
    wanted, named = paired_numbers(truth, prediction, ndim=2)
    shared, said = (wanted * named).sum(axis=1), named.sum(axis=1)
    return mean_of(np.divide(shared, said, out=np.zeros(len(said)), where=said > 0))


@metric(
    "samples_precision",
    kind="multilabel",
    better="higher",
    formula="mean over items of |truth and prediction| / |prediction|, 0 where nothing is predicted",
    reference="scikit-learn precision_score(average='samples', zero_division=0)",
    sums=_samples_precision,
)
def samples_precision(truth: Any, prediction: Any) -> float:
    """Share of the labels an answer names that are right, averaged over items; naming all labels makes it small.

    truth, prediction: (n, k) zeros and ones. In [0, 1].
    """
    return _samples_precision(truth, prediction).whole()
