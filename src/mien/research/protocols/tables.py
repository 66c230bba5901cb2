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
    """Systems against conditions, "mean ± deviation [interval]" of one metric, and the best floor; see `grid`."""
    header, lines = grid(result, metric=metric, digits=digits)
    return render(header, lines, format, digits=digits)


def grid(
    result: Result, *, metric: str | None = None, digits: int = 3, intervals: bool = True
) -> tuple[list[str], list[list[Cell]]]:
    """Header and lines of the overview: whichever there are more of, systems or conditions, stand below each other.

    metric: the headline where it is left out; of a cost result every metric is shown.
    """
    costs = all(row.kind == "cost" for row in result.rows)
    wanted = metric or result.headline
    rows = [row for row in result.rows if costs or row.metric == wanted]
    rows = [row for row in rows if not row.system.startswith("floor:")]
    names = [f"{row.metric}, {row.condition}" if costs else row.condition for row in rows]
    systems, conditions = (list(dict.fromkeys(one)) for one in ((row.system for row in rows), names))
    found: dict[tuple[str, str], Cell] = {
        (row.system, name): _count(row.mean) if costs else _told(row, digits, intervals)
        for row, name in zip(rows, names, strict=True)
    }
    if not costs:
        found |= {("best floor", row.condition): _short(row.floor, digits) for row in rows}
        systems.append("best floor")
    corner = ("cost" if costs else wanted) + marked(result)
    if len(systems) > len(conditions):
        return [corner, *conditions], [[one, *(found.get((one, name), "-") for name in conditions)] for one in systems]
    return [corner, *systems], [[name, *(found.get((one, name), "-") for one in systems)] for name in conditions]


def _count(value: float) -> int | float:
    """Counts without decimals."""
    return int(value) if value.is_integer() and abs(value) >= 1 else value


def _short(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:z.{digits}f}"


def _told(row: Row, digits: int, interval: bool) -> str:
    if row.mean != row.mean:
        return "-"
    spread = f" ± {row.std:.{digits}f}" if row.std == row.std else ""
    span = f" [{row.interval[0]:.{digits}f}, {row.interval[1]:.{digits}f}]" if interval and row.interval else ""
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
