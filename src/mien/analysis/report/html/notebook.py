"""The small summary that a notebook shows in place of the whole report."""

from __future__ import annotations

from mien.analysis.fusion.affect import Affect
from mien.analysis.report.html.data import end_of
from mien.analysis.report.html.view import view
from mien.analysis.report.notable import by_person
from mien.analysis.result import Analysis
from mien.page.colours import colour
from mien.page.frame import environment

PIECES = 240
"""A strip has at most this many pieces."""


def to_notebook(analysis: Analysis) -> str:
    """HTML fragment: the sentence, a coloured strip per person, shares of time, moments; inline styles, no script."""
    end = end_of(analysis) or 1.0
    strips = [_strip(affects, end) for affects in by_person(analysis).values()]
    return (
        environment("mien.analysis.report.html").get_template("notebook.html").render(**view(analysis), strips=strips)
    )


def _strip(affects: list[Affect], end: float) -> list[tuple[float, float, str, float]]:
    """(x, width, colour, opacity) in per mille of the recording: the surest answer of each piece."""
    best: dict[int, Affect] = {}
    for affect in affects:
        piece = min(int(affect.span.start / end * PIECES), PIECES - 1)
        if affect.distribution is not None and (piece not in best or best[piece].confidence < affect.confidence):
            best[piece] = affect
    bars = []
    for affect in best.values():
        if affect.distribution is not None:
            width = max(affect.span.duration / end * 1000, 1000 / PIECES if affect.span.duration else 1000)
            x = affect.span.start / end * 1000
            bars.append((round(x, 1), round(width, 1), colour(affect.distribution.top), round(affect.confidence, 2)))
    return bars
