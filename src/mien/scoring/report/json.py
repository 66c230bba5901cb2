"""A ScoreResult as JSON: equal results give equal bytes; a value that is not defined is null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mien.metrics.score import Score

if TYPE_CHECKING:
    from mien.scoring.result import Part, Reading, ScoreResult

SCHEMA = "mien.score/1"


def to_json(result: ScoreResult, *, indent: int | None = None) -> str:
    """The JSON text of a result: {schema, benchmark, process, settings, parts, overall, warnings}.

    part: {name, scores, floors: {name: scores}, confusion: {labels, counts[truth][read]} | null,
    calibration: [[mean confidence, share right, n]], readings}; score: {metric, value | null, interval: [low, high] |
    null, n, per_class, note}; reading: {id, answer, truth, read, credit | null, why}.
    """
    whole = {
        "schema": SCHEMA,
        "benchmark": result.benchmark,
        "process": result.process,
        "settings": plain(result.settings),
        "parts": [_part(part) for part in result.parts],
        "overall": [_score(score) for score in result.overall],
        "warnings": list(result.warnings),
    }
    return json.dumps(whole, ensure_ascii=False, indent=indent, allow_nan=False)


def _part(part: Part) -> dict[str, Any]:
    labels, counts = part.confusion or ((), ())
    return {
        "name": part.name,
        "scores": [_score(score) for score in part.scores],
        "floors": {name: [_score(score) for score in scores] for name, scores in part.floors.items()},
        "confusion": plain({"labels": labels, "counts": counts}) if part.confusion else None,
        "calibration": plain(part.calibration),
        "readings": [_reading(reading) for reading in part.readings],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "metric": score.metric,
        "value": plain(float(score.value)),
        "interval": plain(score.interval),
        "n": int(score.n),
        "per_class": plain(score.per_class),
        "note": score.note,
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "id": reading.id,
        "answer": reading.answer,
        "truth": list(reading.truth),
        "read": list(reading.read),
        "credit": plain(reading.credit),
        "why": list(reading.why),
    }


def plain(value: Any) -> Any:
    """The value in JSON's own types: NumPy numbers as Python's, tuples as lists, what is not finite as null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int)) else str(value)
