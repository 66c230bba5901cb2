"""What the template of the report shows: a ScoreResult in words and places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mien.metrics.metric import METRICS
from mien.metrics.score import Score
from mien.scoring.report.html.pictures import classes, heat, reliability, scatter
from mien.scoring.report.html.samples import samples
from mien.scoring.report.html.scale import scale
from mien.scoring.report.table import arrow, floor_value, lines, notes, setting_words

if TYPE_CHECKING:
    from mien.scoring.result import Part, ScoreResult


def view(result: ScoreResult) -> dict[str, Any]:
    """The values of the template, by name."""
    floors = list(dict.fromkeys(name for part in result.parts for name in part.floors))
    parts = [_part(number, part) for number, part in enumerate(result.parts)]
    return {
        "benchmark": result.benchmark,
        "process": result.process,
        "settings": setting_words(result),
        "headline": headline(result),
        "warnings": list(result.warnings),
        "notes": notes(result),
        "floors": floors,
        "scores": _scores(result, floors),
        "parts": [part for part in parts if part["shown"]],
        "metrics": _definitions(result),
        "has_samples": any(part["samples"] for part in parts),
    }


def headline(result: ScoreResult) -> str:
    """The main score, its interval and the best floor in one sentence."""
    name, score, part = _main(result)
    if score is None:
        return "No score."
    if score.value != score.value:
        return f"{score.metric} is not defined here. {score.note}".strip()
    span = f" (95 % interval {score.interval[0]:.3f} to {score.interval[1]:.3f})" if score.interval else ""
    where = f" on {score.n} samples" if part is not None else " overall"
    where += f" ({name})" if part is not None and len(result.parts) > 1 else ""
    return f"{score.metric} {score.value:z.3f}{span}{where}; {_floor_words(result, score, part)}"


def _main(result: ScoreResult) -> tuple[str, Score | None, Part | None]:
    """The first score over several parts, else the first score of the first part."""
    found = list(lines(result))
    if result.overall and len(result.parts) != 1:
        return "overall", result.overall[0], None
    return found[0] if found else ("", None, None)


def _floor_words(result: ScoreResult, score: Score, part: Part | None) -> str:
    there = _reached(part, score.metric) if part else {}
    if not there:
        elsewhere = any(_reached(one, own.metric) for one in result.parts for own in one.scores)
        return "the floors stand in the table." if elsewhere else "there is no floor to hold it against."
    lower = score.metric in METRICS and METRICS[score.metric].better == "lower"
    best = min(there, key=lambda name: there[name] if lower else -there[name])
    beaten = there[best] > score.value if lower else there[best] < score.value
    return f"the best floor ({best}) reaches {there[best]:z.3f}{'' if beaten else ', which is no worse'}."


def _reached(part: Part, metric: str) -> dict[str, float]:
    """Floor -> what it reaches in that metric, where that is defined."""
    known = {name: floor_value(part, name, metric) for name in part.floors}
    return {name: value for name, value in known.items() if value is not None and value == value}


def _scores(result: ScoreResult, floors: list[str]) -> list[dict[str, Any]]:
    rows = []
    last = None
    for name, score, part in lines(result):
        reached = [_plain_zero(floor_value(part, floor, score.metric)) for floor in floors]
        line = scale([score.value, *(score.interval or ()), *reached])
        known = score.value == score.value
        rows.append(
            {
                "name": name,
                "first": name != last,
                "metric": arrow(score.metric),
                "value": _plain_zero(score.value) if known else None,
                "interval": score.interval,
                "n": score.n,
                "floors": reached,
                "at": line.at(score.value) if known else None,
                "span": tuple(map(line.at, score.interval)) if score.interval else None,
                "marks": [None if value is None or value != value else line.at(value) for value in reached],
                "ends": line.ends,
                "overall": part is None,
            }
        )
        last = name
    return rows


def _plain_zero(value: float | None) -> float | None:
    """The value without the sign of a zero: "-0.000" would puzzle."""
    return 0.0 if value is not None and abs(value) < 5e-4 else value


def _part(number: int, part: Part) -> dict[str, Any]:
    pictures = {
        "heat": heat(part),
        "classes": classes(part),
        "reliability": reliability(part),
        "scatter": scatter(part),
    }
    told = samples(part)
    return {
        **pictures,
        "id": f"part-{number + 1}",
        "name": part.name,
        "n": max((score.n for score in part.scores), default=0),
        "samples": told,
        "shown": bool(told) or any(pictures.values()),
    }


def _definitions(result: ScoreResult) -> list[dict[str, str]]:
    used = dict.fromkeys(score.metric for _, score, _ in lines(result))
    return [
        {"id": name, "what": entry.definition, "formula": entry.formula, "reference": entry.reference}
        for name in used
        if name in METRICS
        for entry in (METRICS[name],)
    ]
