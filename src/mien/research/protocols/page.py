"""A result as one HTML page that needs no network: tables, and plots with intervals and floors."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mien.page.frame import environment, page
from mien.research.protocols.missing import MODES
from mien.research.protocols.plan import COMPLETE
from mien.research.protocols.result import Result
from mien.research.protocols.scores import Row
from mien.research.protocols.tables import grid

COLOURS = ("#1F5FAE", "#D4511E", "#0B8F6A", "#8B5FBF", "#B8860B", "#C2457E", "#2F9CD6", "#8C6D46")
"""Of systems in order: 3:1 against white and against near black; a name stands beside each."""
DASHES = ("", "7 3", "2 3", "9 3 2 3")
"""Of curves, where there are more systems than colours."""
WIDTH, HIGH, BANDS = 510.0, 18.0, 3
_RATE = re.compile(rf"(rate|{'|'.join(MODES)}) ([\d.]+)$")
STYLE = """
main { max-width: 1100px; margin: 32px auto; padding: 0 20px; } section { margin: 28px 0; overflow-x: auto; }
svg text { fill: var(--ink); font-size: 12px; } svg .soft { fill: var(--soft); } svg .axis { stroke: var(--rule); }
svg .floor { stroke: var(--soft); stroke-dasharray: 3 3; } .number { text-align: right; } .warn { font-weight: 600; }
td, th { white-space: nowrap; }
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
    """One system over the rates: points of the line, of the band around it ("" for none), and its name."""

    label: str
    colour: str
    dash: str
    line: str
    band: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a drawing's axes lie: left edge in pixels (the longest name stands before it), range of the values."""

    left: float
    low: float
    high: float

    def x(self, value: float) -> float:
        """Pixels from the left, values lying across."""
        return round(self.left + WIDTH * (value - self.low) / (self.high - self.low), 1)

    def y(self, value: float) -> float:
        """Pixels from the top, values standing."""
        return round(220 - 200 * (value - self.low) / (self.high - self.low), 1)

    def rate(self, value: float) -> float:
        """Pixels from the left of a missing rate from 0 to 1."""
        return round(self.left + WIDTH * value, 1)

    def ticks(self) -> list[float]:
        """Round values within the range, seven at most."""
        step = 10 ** math.floor(math.log10((self.high - self.low) / 2))
        step *= next(factor for factor in (1, 2, 5) if (self.high - self.low) / (step * factor) <= 6 or factor == 5)
        return [round(at * step, 10) for at in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


def html(result: Result) -> str:
    """The whole page: overview, curves over missing rates, a plot for each other condition, differences, all rows."""
    rows = [row for row in result.rows if row.metric == result.headline]
    shown = [row for row in rows if not row.system.startswith("floor:") and row.mean == row.mean]
    colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(dict.fromkeys(row.system for row in shown))}
    costs = all(row.kind == "cost" for row in result.rows)
    left = 24 + 7.0 * max((len(name) for name in colours), default=0)
    scores = _frame([row for row in shown if row.kind == "score"], left)
    sweeps = {} if costs else _sweeps(shown, colours, scores)
    swept = {row.condition for row in shown if _RATE.match(row.condition)} if sweeps else set()
    plain = [] if costs else [row for row in shown if row.condition not in swept]
    bare = next((row.floor for row in shown if row.condition in swept), None)
    header, lines = grid(result, intervals=False)
    title = f"{result.protocol.get('name')}: {result.data.get('name')}"
    body = environment("mien.research.protocols").get_template("bench.html").render(
        title=title, result=result, bare=bare, plots=_plots(plain, colours, left), sweeps=sweeps, frame=scores,
        width=WIDTH, number=_number, header=header, lines=lines,
        gains=[one for one in result.differences if one.metric == result.headline], costs=costs,
    )  # fmt: skip
    return page(title, body, style=STYLE)


def _plots(rows: Sequence[Row], colours: dict[str, str], left: float) -> list[Plot]:
    """A plot for each condition; scores share one axis, figures have another."""
    found = []
    for kind in ("score", "figure"):
        these = [row for row in rows if row.kind == kind]
        frame = _frame(these, left)
        for condition in dict.fromkeys(row.condition for row in these):
            mine = [row for row in these if row.condition == condition]
            marks = tuple(_mark(row, at, colours[row.system], frame) for at, row in enumerate(mine))
            floor = mine[0].floor
            ticks = tuple((frame.x(value), _number(value, 2)) for value in frame.ticks())
            place = None if floor is None else frame.x(floor)
            found.append(Plot(condition, HIGH * len(marks) + 26, marks, place, ticks))
    return found


def _mark(row: Row, at: int, colour: str, frame: Frame) -> Mark:
    span = row.interval
    text = f"{row.mean:.3f}" + (f" [{span[0]:.3f}, {span[1]:.3f}]" if span else "")
    ends = (frame.x(span[0]), frame.x(span[1])) if span else (None, None)
    return Mark(row.system, colour, HIGH * at + HIGH / 2, frame.x(row.mean), ends[0], ends[1], text)


def _sweeps(rows: Sequence[Row], colours: dict[str, str], frame: Frame) -> dict[str, list[Curve]]:
    """Way of missing -> a curve a system, where the conditions are rates; several ways share rate 0, all complete."""
    points: dict[str, dict[str, list[tuple[float, Row]]]] = {}
    whole = {row.system: row for row in rows if row.condition == COMPLETE}
    for row in rows:
        if found := _RATE.match(row.condition):
            line = points.setdefault(found[1], {}).setdefault(row.system, [])
            if not line and found[1] != "rate" and row.system in whole:
                line.append((0.0, whole[row.system]))
            line.append((float(found[2]), row))
    place, few = {name: at for at, name in enumerate(colours)}, len(colours) <= BANDS
    return {
        mode: [_curve(name, place[name], line, frame, few) for name, line in mine.items() if len(line) > 1]
        for mode, mine in points.items()
    }


def _curve(name: str, at: int, points: Sequence[tuple[float, Row]], frame: Frame, banded: bool) -> Curve:
    def line(values: list[tuple[float, float]]) -> str:
        return " ".join(f"{frame.rate(rate)},{frame.y(value)}" for rate, value in values)

    spans = [(rate, row.interval) for rate, row in points if row.interval] if banded else []
    band = [*((rate, low) for rate, (low, _) in spans), *((rate, high) for rate, (_, high) in reversed(spans))]
    dash = DASHES[at // len(COLOURS) % len(DASHES)]
    return Curve(name, COLOURS[at % len(COLOURS)], dash, line([(rate, row.mean) for rate, row in points]), line(band))


def _frame(rows: Sequence[Row], left: float) -> Frame:
    values = [value for row in rows for value in (row.mean, row.floor, *(row.interval or ())) if value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = 0.05 * (high - low) or 0.05
    return Frame(left, low - room, high + room)


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None or value != value else f"{value:z.{digits}f}"
