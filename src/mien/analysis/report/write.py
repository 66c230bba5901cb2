"""From an Analysis to the bytes of each format, by name."""

from __future__ import annotations

from collections.abc import Callable

from mien.analysis.result import Analysis
from mien.errors import RequestError


def _json(analysis: Analysis) -> bytes:
    return (analysis.to_json(indent=1) + "\n").encode()


def _csv(analysis: Analysis) -> bytes:
    from mien.analysis.report.table import to_csv

    return to_csv(analysis).encode()


def _parquet(analysis: Analysis) -> bytes:
    from mien.analysis.report.table import to_parquet

    return to_parquet(analysis)


def _emotionml(analysis: Analysis) -> bytes:
    from mien.analysis.report.emotionml import to_emotionml

    return to_emotionml(analysis)


def _eaf(analysis: Analysis) -> bytes:
    from mien.analysis.report.eaf import to_eaf

    return to_eaf(analysis)


def _vtt(analysis: Analysis) -> bytes:
    from mien.analysis.report.vtt import to_vtt

    return to_vtt(analysis).encode()


def _html(analysis: Analysis) -> bytes:
    return analysis.report().encode("utf-8", "replace")


WRITERS: dict[str, Callable[[Analysis], bytes]] = {
    "json": _json,
    "csv": _csv,
    "parquet": _parquet,
    "emotionml": _emotionml,
    "eaf": _eaf,
    "vtt": _vtt,
    "html": _html,
}
TIMED = ("eaf", "vtt")


def render(analysis: Analysis, form: str) -> bytes:
    """The bytes of one format; RequestError lists the formats, and refuses captions of material without time."""
    if form not in WRITERS:
        raise RequestError(f"unknown format {form!r}; allowed: {', '.join(WRITERS)}")
    if form in TIMED and analysis.recording.clock != "seconds":
        raise RequestError(f"{form} needs times, and {analysis.recording.path} has none; use json, csv or html")
    return WRITERS[form](analysis)
