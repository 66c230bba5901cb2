"""Distributions over labels in a row: columns p_<label>, or one object {label: number}."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mien.scoring.columns import normal, seek
from mien.scoring.plain.samples import as_label, as_number

PREFIXES = ("p_", "prob_", "proba_", "probability_")
OBJECT = ("probabilities", "distribution", "probs", "scores", "soft_label", "soft_labels", "votes", "logprobs")
TOLERANCE = 0.02
"""How far from 1 the probabilities of a row may add up; they are divided by their sum."""


def labels_of(row: Mapping[str, Any]) -> list[str] | None:
    """The labels that a row has numbers for, in the order of its columns; None where it holds no distribution."""
    found = [column for column in row if normal(str(column)).startswith(PREFIXES)]
    if found:
        return [_label(column) for column in found]
    column = seek(row, OBJECT)
    table = _object(row[column]) if column is not None else None
    return None if table is None else [as_label(key) for key in table]


def numbers_of(row: Mapping[str, Any], labels: Sequence[str]) -> list[float | None] | None:
    """The numbers of these labels as they stand in the row (0 for a label that an object lacks); None without any."""
    columns = {_label(column): column for column in row if normal(str(column)).startswith(PREFIXES)}
    if columns:
        return [as_number(row[columns[label]]) if label in columns else None for label in labels]
    column = seek(row, OBJECT)
    table = _object(row[column]) if column is not None else None
    if table is None:
        return None
    known = {as_label(key): value for key, value in table.items()}
    return [as_number(known.get(label, 0.0)) for label in labels]


def shares(numbers: Sequence[float | None], *, counts: bool = False) -> tuple[list[float], str]:
    """(probabilities that add up to 1, "") or ([], what is wrong); counts: any positive sum will do (votes)."""
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return [], f"{len(numbers) - len(known)} of {len(numbers)} probabilities are empty or no finite numbers"
    if min(known) < 0:
        return [], f"a probability is negative ({min(known):g})"
    total = sum(known)
    if total <= 0:
        return [], "all probabilities are 0" if not counts else "nobody voted: all numbers are 0"
    if not counts and abs(total - 1) > TOLERANCE:
        return [], f"the probabilities add up to {total:.4g}; they must add up to 1"
    return [number / total for number in known], ""


def _label(column: object) -> str:
    name = str(column).strip()
    prefix = next(prefix for prefix in PREFIXES if normal(name).startswith(prefix))
    return name[len(prefix) :].strip()


def _object(cell: object) -> Mapping[Any, Any] | None:
    if isinstance(cell, str) and cell.lstrip().startswith("{"):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return None
    return cell if isinstance(cell, Mapping) else None
