"""A result as tables: text, Markdown, CSV, LaTeX, JSON through mien.page, with the floor beside every number."""

from __future__ import annotations

from mien.page.tables import Cell, render
from mien.research.protocols.result import Result
from mien.research.protocols.scores import Row

FORMATS = ("text", "md", "csv", "latex", "json", "html")
HEADER = ["system", "condition", "metric", "mean", "±", "95 % low", "high", "floor", "seeds", "items", "groups", "note"]


def table(result: Result, format: str = "text", *, metrics: tuple[str, ...] | None = None, digits: int = 3) -> str:
    """All rows of these metrics (None: all), one number a line; csv and json keep all digits."""
    rows = [row for row in result.rows if metrics is None or row.metric in metrics]
    return render(HEADER, [_cells(row, marked(result)) for row in rows], format, digits=digits)


def marked(result: Result) -> str:
    """ " (constructed)" where the items were put together for the purpose: no table may hide it."""
    return " (constructed)" if str(result.data.get("name", "")).startswith("constructed") else ""


def _cells(row: Row, mark: str) -> list[Cell]:
    low, high = row.interval or (None, None)
    return [
        row.system, row.condition, row.metric + mark, row.mean, row.std, low, high, row.floor, len(row.values) or None,
        row.n or None, row.groups or None, row.note,
    ]  # fmt: skip


def overview(result: Result, format: str = "text", *, metric: str | None = None, digits: int = 3) -> str:
    """One line a condition, one column a system, "mean ± deviation [interval]" of one metric, and the best floor.

    metric: the headline where it is left out; of a cost result every metric is shown.
    """
    if all(row.kind == "cost" for row in result.rows):
        systems = list(dict.fromkeys(row.system for row in result.rows))
        found = {(row.system, row.metric, row.condition): row.mean for row in result.rows}
        names = list(dict.fromkeys((row.metric, row.condition) for row in result.rows))
        costs: list[list[Cell]] = [
            [f"{n}, {at}", *(_count(found.get((one, n, at))) for one in systems)] for n, at in names
        ]
        return render(["cost" + marked(result), *systems], costs, format, digits=digits)
    wanted = metric or result.headline
    rows = [row for row in result.rows if row.metric == wanted and not row.system.startswith("floor:")]
    conditions = list(dict.fromkeys(row.condition for row in rows))
    systems = list(dict.fromkeys(row.system for row in rows))
    place = {(row.system, row.condition): row for row in rows}
    floor = {row.condition: row.floor for row in rows}
    lines: list[list[Cell]] = [
        [one, *(_told(place.get((system, one)), digits) for system in systems), _short(floor[one], digits)]
        for one in conditions
    ]
    return render([wanted + marked(result), *systems, "best floor"], lines, format)


def _count(value: float | None) -> int | float | None:
    """Counts without decimals."""
    return int(value) if value is not None and value.is_integer() and abs(value) >= 1 else value


def _short(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:z.{digits}f}"


def _told(row: Row | None, digits: int) -> str:
    if row is None or row.mean != row.mean:
        return "-"
    spread = f" ± {row.std:.{digits}f}" if row.std == row.std else ""
    span = f" [{row.interval[0]:.{digits}f}, {row.interval[1]:.{digits}f}]" if row.interval else ""
    return f"{row.mean:z.{digits}f}{spread}{span}"


def stands(result: Result, format: str = "text", *, digits: int = 3) -> str:
    """The differences to the first system, each with its interval; "yes" where the interval leaves 0 out."""
    lines: list[list[Cell]] = []
    mark = marked(result)
    for one in result.differences:
        low, high = one.interval or (None, None)
        clear = "-" if low is None or high is None else "yes" if low > 0 or high < 0 else "no"
        lines.append(
            [f"{one.system} minus {one.reference}", one.condition, one.metric + mark, one.value, low, high, clear]
        )
    header = ["difference", "condition", "metric", "value", "95 % low", "high", "differs"]
    return render(header, lines, format, digits=digits)
