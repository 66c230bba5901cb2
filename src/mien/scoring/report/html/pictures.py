"""What the pictures of a part show: confusion, classes, calibration, truth against answer; numbers only, no markup."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.scoring.report.html.hue import hue
from mien.scoring.report.html.scale import scale, wilson
from mien.scoring.report.table import class_name

if TYPE_CHECKING:
    from mien.metrics.score import Score
    from mien.scoring.result import Part

POINTS = 1500
"""Points of a scatter plot, at most."""


def heat(part: Part) -> dict[str, Any] | None:
    """The confusion table as cells with place, share of their row and text; None where the part has none."""
    if part.confusion is None or not np.asarray(part.confusion[1]).any():
        return None
    columns = [*part.confusion[0], *(["other"] * (len(part.confusion[1][0]) - len(part.confusion[0])))]
    whole = np.asarray(part.confusion[1], dtype=float)
    met = whole.sum(axis=1) > 0
    labels, table = [label for label, here in zip(part.confusion[0], met, strict=True) if here], whole[met]
    size = 46 if len(columns) <= 8 else 36 if len(columns) <= 14 else 28
    left = 22 + 7 * min(max(len(label) for label in labels), 18)
    lean = len(columns) > 1 and max(len(label) for label in columns) * 7 > size
    head = 12 + (5 * min(max(len(label) for label in columns), 18) if lean else 12)
    totals = table.sum(axis=1)
    cells = [
        {
            **{
                "x": left + size * at,
                "y": head + size * row,
                "n": int(table[row, at]),
                "hit": labels[row] == columns[at],
            },
            **{"share": round(float(table[row, at] / totals[row]), 4), "truth": labels[row], "read": columns[at]},
        }
        for row in range(len(labels))
        for at in range(len(columns))
        if table[row, at]
    ]
    return {
        **{"size": size, "left": left, "head": head, "lean": lean, "cells": cells},
        "width": left + size * len(columns) + (head - 12 if lean else 4),
        "height": head + size * len(labels) + 4,
        "least": left + min(size, 30) * len(columns),
        "rows": [(label, _short(label), hue(label), int(n)) for label, n in zip(labels, totals, strict=True)],
        "columns": [(label, _short(label)) for label in columns],
        "table": [[int(n) for n in line] for line in table],
        "worst": _worst(cells),
    }


def _short(label: str) -> str:
    return label if len(label) <= 18 else label[:17] + "…"


def _worst(cells: Sequence[dict[str, Any]]) -> str:
    """The commonest confusions in words."""
    wrong = sorted((cell for cell in cells if not cell["hit"]), key=lambda cell: -cell["n"])[:3]
    return "; ".join(f"{cell['truth']} read as {cell['read']} {cell['n']} times" for cell in wrong)


def classes(part: Part) -> dict[str, Any] | None:
    """Per class a value with its interval: of the first score that has them, else recall from the confusion table."""
    score = next((score for score in part.scores if score.per_class), None)
    rows = _recalls(part) if part.confusion is not None else []
    title, note = "Per class", "Recall per class; 95 % interval by Wilson's score, which takes samples as independent."
    if score is not None and (not rows or score.per_class_interval):
        rows, name = _of_score(part, score), class_name(score.metric)
        title, note = "Per class" if part.confusion else "In parts", f"{name}; 95 % bootstrap interval."
    if not rows:
        return None
    line = scale([end for row in rows for end in (row["value"], *(row["interval"] or ()))])
    for row in rows:
        row["at"] = line.at(row["value"])
        row["from"], row["to"] = map(line.at, row["interval"] or (row["value"], row["value"]))
    return {"rows": rows, "title": title, "note": note}


def _recalls(part: Part) -> list[dict[str, Any]]:
    labels, counts = part.confusion or ((), ())
    totals = [sum(line) for line in counts]
    return [
        _class(label, counts[at][at] / total, wilson(counts[at][at], total), total)
        for at, (label, total) in enumerate(zip(labels, totals, strict=True))
        if total
    ]


def _of_score(part: Part, score: Score) -> list[dict[str, Any]]:
    labels, counts = part.confusion or ((), ())
    totals = {label: sum(line) for label, line in zip(labels, counts, strict=True)}
    return [
        _class(str(label), float(value), score.per_class_interval.get(label), totals.get(label))
        for label, value in score.per_class.items()
        if math.isfinite(value)
    ]


def _class(label: str, value: float, interval: tuple[float, float] | None, n: int | None) -> dict[str, Any]:
    return {"label": label, "short": _short(label), "colour": hue(label), "value": value, "interval": interval, "n": n}


def reliability(part: Part) -> dict[str, Any] | None:
    """Calibration as points (mean confidence, share right) with their number of samples; None without any."""
    bins = [(float(sure), float(right), int(n)) for sure, right, n in part.calibration if n]
    if not bins:
        return None
    most = max(n for _, _, n in bins)
    points = [
        {
            **{
                "x": round(200 * sure, 1),
                "y": round(200 - 200 * right, 1),
                "r": round(2.5 + 4.5 * (n / most) ** 0.5, 1),
            },
            **{"sure": sure, "right": right, "n": n, "bar": round(26 * n / most, 1)},
        }
        for sure, right, n in sorted(bins)
    ]
    total = sum(n for _, _, n in bins)
    gap = sum(n * (sure - right) for sure, right, n in bins) / total
    way = "too sure" if gap > 0.005 else "not sure enough" if gap < -0.005 else "neither too sure nor too unsure"
    return {"points": points, "words": f"On average {way}" + (f" by {abs(gap):.3f}." if abs(gap) > 0.005 else ".")}


def scatter(part: Part) -> dict[str, Any] | None:
    """Truth against answer as points in a square of 200, where both are numbers; None elsewhere."""
    pairs = [_pair(reading.truth, reading.read) for reading in part.readings]
    known = [pair for pair in pairs if pair is not None]
    if part.confusion is not None or len(known) < 2 or len(known) < 0.5 * len(pairs):
        return None
    values = np.asarray(known)
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return None
    step = max(1, math.ceil(len(values) / POINTS))
    placed = np.round(200 * (values[::step] - low) / (high - low), 1)
    return {"points": [(x, 200 - y) for x, y in placed.tolist()], "low": f"{low:g}", "high": f"{high:g}", "every": step}


def _pair(truth: Sequence[str], read: Sequence[str]) -> tuple[float, float] | None:
    if len(truth) != 1 or len(read) != 1:
        return None
    try:
        pair = float(truth[0]), float(read[0])
    except ValueError:
        return None
    return pair if all(map(math.isfinite, pair)) else None
