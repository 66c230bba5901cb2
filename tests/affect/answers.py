"""Hypothesis strategies for answers in a space."""

import numpy as np
from hypothesis import strategies as st

SHARES = st.floats(0, 1, allow_subnormal=False)


def answers(space, rows=4):
    """Valid answers (rows, labels of the space)."""
    flat = st.lists(SHARES, min_size=rows * len(space.labels), max_size=rows * len(space.labels))

    def shaped(values):
        table = np.array(values).reshape(rows, -1)
        if space.exclusive:
            return (table + 1e-3) / (table + 1e-3).sum(axis=1, keepdims=True)
        return table if space.kind == "multilabel" else space.low + table * (space.high - space.low)

    return flat.map(shaped)
