"""The self-contained HTML report: one file, opens offline, needs nothing but a browser."""

from __future__ import annotations

from functools import cache
from importlib import resources

from mien.analysis.report.html.accuracy import accuracy
from mien.analysis.report.html.data import as_script, report_data
from mien.analysis.report.html.media import beside, embedded, shows_faces
from mien.analysis.report.html.notebook import to_notebook
from mien.analysis.report.html.view import view
from mien.analysis.result import Analysis
from mien.page.frame import environment, page

__all__ = ["beside", "embedded", "to_html", "to_notebook"]

SCRIPTS = ("base", "paint", "pointer", "timeline", "player", "plane", "card", "transcript", "table", "main")
STYLES = ("layout", "lanes", "reading")


def to_html(analysis: Analysis, media: str | None = None) -> str:
    """The report as one HTML page; equal inputs give equal bytes.

    media: link or data URI under which the recording is found from the page (`beside` and `embedded` make one), None
    for a page without it. Where faces are hidden, a recording with pictures is left out whatever is asked.
    """
    values = view(analysis)
    link = None if shows_faces(analysis) else media
    body = environment(__name__).get_template("report.html").render(
        **values, media=link, data=as_script(report_data(analysis)), accuracy=accuracy(analysis),
    )  # fmt: skip
    return page(f"{values['title']} - Mien", body, style=_joined(STYLES, "css"), script=_joined(SCRIPTS, "js"))


@cache
def _joined(names: tuple[str, ...], kind: str) -> str:
    folder = resources.files(__name__).joinpath(kind)
    return "\n".join(folder.joinpath(f"{name}.{kind}").read_text("utf-8") for name in names)
