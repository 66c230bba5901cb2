"""Predicted probabilities as tables, checked, and what is read from them: the answer and its confidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import RequestError
from mien.metrics.arrays import Numbers, as_labels, as_matrix, as_numbers, dimensions, is_label, same_length

# Rows may miss a sum of 1 by this much (rounded to two digits over some classes); they are divided by their sum.
SLACK = 0.02


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Truth and answer in columns.

    columns: the true label's column (n,); table: distributions (n, k); single: two columns made of one probability.
    """

    columns: NDArray[np.int64]
    table: Numbers
    single: bool


def distributions(values: Any, *, name: str = "prediction") -> Numbers:
    """Rows (n, k) that are not negative and sum to 1 within 0.02, divided by their sum; RequestError otherwise."""
    table = as_matrix(values, name=name)
    sums = table.sum(axis=1)
    wrong = (table < 0).any(axis=1) | (np.abs(sums - 1) > SLACK)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise RequestError(
            f"{name}: item {row} is no distribution (sum {sums[row]:.4g}, lowest {table[row].min():.4g};"
            f" {int(wrong.sum())} such items); rows are shares that sum to 1"
        )
    return np.asarray(table / sums[:, None])


def truth_columns(truth: Any, columns: int, labels: Iterable[Any] | None) -> NDArray[np.int64]:
    """The column of each item's true label (n,).

    labels: the columns' labels in order; None: the truth holds column numbers, or, if it is text with exactly as many
    labels as there are columns, these in sorted order. RequestError: a label without a column.
    """
    gold = as_labels(truth, name="truth")
    names = list(labels) if labels is not None else None
    if names is None:
        text = gold.dtype.kind == "U"
        names = np.unique(gold).tolist() if text else list(range(columns))
        if text and len(names) != columns:
            raise RequestError(
                f"labels: the truth has {len(names)} labels, the table {columns} columns; name the columns"
            )
    if len(names) != columns:
        raise RequestError(f"labels: {len(names)} names for {columns} columns")
    place = {label: index for index, label in enumerate(names)}
    unknown = [label for label in np.unique(gold).tolist() if label not in place]
    if unknown:
        raise RequestError(f"truth: {unknown[0]!r} has no column; the columns are {', '.join(map(str, names))}")
    kinds, codes = np.unique(gold, return_inverse=True)
    return np.array([place[label] for label in kinds.tolist()], dtype=np.int64)[codes.ravel()]


def probabilities_of(truth: Any, prediction: Any, labels: Iterable[Any] | None, positive: Any = 1) -> Probabilities:
    """The truth and its predicted distributions; a prediction (n,) holds probabilities of the label `positive`."""
    if dimensions(prediction, name="prediction") == 1:
        chance = as_numbers(prediction, name="prediction")
        if (chance < 0).any() or (chance > 1).any():
            raise RequestError("prediction: found values outside [0, 1]; probabilities are needed")
        gold = as_labels(truth, name="truth")
        same_length(gold, chance, names=("truth", "prediction"))
        return Probabilities(is_label(gold, positive).astype(np.int64), np.stack([1 - chance, chance], axis=1), True)
    table = distributions(prediction)
    columns = truth_columns(truth, table.shape[1], labels)
    same_length(columns, table, names=("truth", "prediction"))
    return Probabilities(columns, table, False)
