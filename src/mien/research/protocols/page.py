"""A result as one HTML page that needs no network: tables, and plots with intervals and floors."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mien.page.frame import environment, page
from mien.research.protocols.result import Result
from mien.research.protocols.scores import Row

COLOURS = ("#1F5FAE", "#D4511E", "#0B8F6A", "#8B5FBF", "#B8860B", "#C2457E", "#2F9CD6", "#8C6D46")
"""Of systems in order: 3:1 against white and against near black; a name stands beside each."""
LEFT, WIDTH, HIGH = 170.0, 680.0, 18.0
_RATE = re.compile(r"rate ([\d.]+)$")
STYLE = """
main { max-width: 1100px; margin: 32px auto; padding: 0 20px; } section { margin: 28px 0; overflow-x: auto; }
svg text { fill: var(--ink); font-size: 12px; } svg .soft { fill: var(--soft); } svg .axis { stroke: var(--rule); }
svg .floor { stroke: var(--soft); stroke-dasharray: 3 3; } td.number { text-align: right; } .warn { font-weight: 600; }
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """One system in a plot: where its mean, interval and name stand, in pixels of the drawing."""

    label: str
    colour: str
    y: float
    mean: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """One condition: marks below each other, the floor as a line, ticks of the axis (x, text)."""

    title: str
    height: float
    marks: tuple[Mark, ...]
    floor: float | None
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """One system over the rates: points of the line, of the band around it, and its name."""

    label: str
    colour: str
    line: str
    band: str


def html(result: Result) -> str:
    """The whole page."""
    rows = [row for row in result.rows if row.metric == result.headline]
    shown = [row for row in rows if not row.system.startswith("floor:") and row.mean == row.mean]
    colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(dict.fromkeys(row.system for row in shown))}
    costs = all(row.kind == "cost" for row in result.rows)
    scores = [row for row in shown if row.kind == "score"]
    title = f"{result.protocol.get('name')}: {result.data.get('name')}"
    body = environment("mien.research.protocols").get_template("bench.html").render(
        title=title, result=result, plots=[] if costs else _plots(shown, colours),
        curves=[] if costs else _curves(scores, colours), colours=colours, left=LEFT, width=WIDTH, high=HIGH,
        number=_number, ticks=_ticks(*_range(scores)), scale=_range(scores),
    )  # fmt: skip
    return page(title, body, style=STYLE)


def _plots(rows: Sequence[Row], colours: dict[str, str]) -> list[Plot]:
    """A plot for each condition; scores share one axis, figures have another."""
    found = []
    for kind in ("score", "figure"):
        these = [row for row in rows if row.kind == kind]
        low, high = _range(these)
        for condition in dict.fromkeys(row.condition for row in these):
            mine = [row for row in these if row.condition == condition]
            marks = tuple(_mark(row, at, colours[row.system], low, high) for at, row in enumerate(mine))
            floor = mine[0].floor
            place = None if floor is None else _x(min(max(floor, low), high), low, high)
            ticks = tuple((_x(value, low, high), _number(value, 2)) for value in _ticks(low, high))
            found.append(Plot(condition, HIGH * len(marks) + 26, marks, place, ticks))
    return found


def _mark(row: Row, at: int, colour: str, low: float, high: float) -> Mark:
    span = row.interval
    text = f"{row.mean:.3f}" + (f" [{span[0]:.3f}, {span[1]:.3f}]" if span else "")
    ends = (_x(span[0], low, high), _x(span[1], low, high)) if span else (None, None)
    return Mark(row.system, colour, HIGH * at + HIGH / 2, _x(row.mean, low, high), ends[0], ends[1], text)


def _curves(rows: Sequence[Row], colours: dict[str, str]) -> list[Curve]:
    """Lines over the missing rate, where the conditions are rates."""
    low, high = _range(rows)
    found = []
    for name, colour in colours.items():
        points = []
        for row in rows:
            rate = _RATE.match(row.condition)
            if rate and row.system == name and row.kind == "score":
                points.append((float(rate.group(1)), row))
        if len(points) < 2:
            continue
        line = " ".join(f"{_at(rate):.1f},{_y(row.mean, low, high):.1f}" for rate, row in points)
        lows = [f"{_at(rate):.1f},{_y(row.interval[0], low, high):.1f}" for rate, row in points if row.interval]
        highs = [f"{_at(rate):.1f},{_y(row.interval[1], low, high):.1f}" for rate, row in points if row.interval]
        found.append(Curve(name, colour, line, " ".join(lows + highs[::-1])))
    return found


def _at(rate: float) -> float:
    return LEFT + rate * (WIDTH - LEFT)


def _y(value: float, low: float, high: float) -> float:
    return 220 - 200 * (value - low) / (high - low)


def _x(value: float, low: float, high: float) -> float:
    return round(LEFT + (WIDTH - LEFT) * (value - low) / (high - low), 1)


def _range(rows: Sequence[Row]) -> tuple[float, float]:
    values = [value for row in rows for value in (row.mean, row.floor, *(row.interval or ())) if value is not None]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = 0.05 * (high - low) or 0.05
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    step = 10 ** math.floor(math.log10((high - low) / 2))
    step *= next(factor for factor in (1, 2, 5) if (high - low) / (step * factor) <= 6 or factor == 5)
    return [round(at * step, 10) for at in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None or value != value else f"{value:z.{digits}f}"
