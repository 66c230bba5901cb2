"""The report of a score: one HTML file, opens offline, needs nothing but a browser."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import escape

from mien.page.frame import environment, page
from mien.scoring.report.html.view import view
from mien.scoring.report.table import score_table

if TYPE_CHECKING:
    from mien.scoring.result import ScoreResult

__all__ = ["to_html", "to_notebook"]


def to_html(result: ScoreResult) -> str:
    """The report as one HTML page; equal results give equal bytes."""
    values = view(result)
    body = environment(__name__).get_template("score.html").render(**values)
    home = resources.files(__name__)
    style, script = home.joinpath("score.css").read_text("utf-8"), home.joinpath("score.js").read_text("utf-8")
    return page(f"{result.benchmark} - Mien", body, style=style, script=script if values["has_samples"] else "")


def to_notebook(result: ScoreResult) -> str:
    """The table of scores as HTML for a notebook's cell, with its process and warnings."""
    header, rows = score_table(result)
    head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    told = "".join(f"<p>{escape(text)}</p>" for text in result.warnings)
    caption = f"<p><b>{escape(result.benchmark)}</b> {escape(result.process)}</p>"
    return f"<div>{caption}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{told}</div>"


def _cell(cell: object) -> str:
    if cell is None or cell != cell:
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else str(escape(cell))
