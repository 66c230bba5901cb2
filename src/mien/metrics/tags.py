"""Mood tags of music: valence and arousal from a track's tags."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_matrix
from mien.metrics.zeros_ones import zeros_ones


def values_of_tags(tags: Any, values: Any) -> Numbers:
    """The mean of the tags' values over each track's tags (n, d); NaN for a track without tags.

    tags: (n, k) zeros and ones; values: (k, d), such as valence and arousal of each tag (Jamendo rule of Music2Emo).
    RequestError: another number of tags.
    """
    table, each = zeros_ones(tags, name="tags"), as_matrix(values, name="values")
    if table.shape[1] != len(each):
        raise RequestError(f"tags: {table.shape[1]} columns, values for {len(each)} tags; they must agree")
    number = table.sum(axis=1, keepdims=True)
    return np.where(number > 0, table @ each / np.maximum(number, 1), np.nan)
