"""From an Analysis to the bytes of each format, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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


WRITERS: dict[str, Callable[[Analysis], bytes]] = {
    "json": _json,
    "csv": _csv,
    "parquet": _parquet,
    "emotionml": _emotionml,
    "eaf": _eaf,
    "vtt": _vtt,
}
FORMATS = (*WRITERS, "html")
TIMED = ("eaf", "vtt")


def render(analysis: Analysis, form: str, page: Path | None = None) -> bytes:
    """The bytes of one format; `page` is where a report will lie, so that it can link to the recording.

    RequestError lists the formats, and refuses captions of material without time.
    """
    if form == "html":
        from mien.analysis.report.html import beside, embedded, to_html

        link = embedded(analysis) or (beside(analysis, page) if page is not None else None)
        return to_html(analysis, link).encode("utf-8", "replace")
    if form not in WRITERS:
        raise RequestError(f"unknown format {form!r}; allowed: {', '.join(FORMATS)}")
    if form in TIMED and analysis.recording.clock != "seconds":
        raise RequestError(f"{form} needs times, and {analysis.recording.path} has none; use json, csv or html")
    return WRITERS[form](analysis)
