"""`mien catalogue`: the field's data sets, models and benchmarks, searched, sorted and exported."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mien.scoring.catalogue import Entry

FORMATS = ("table", "json", "csv", "md", "latex")
_ENDINGS = {".json": "json", ".csv": "csv", ".md": "md", ".tex": "latex"}
_SHOWN = {
    "datasets": ("name", "year", "modality", "licence", "language", "size", "labels"),
    "models": ("name", "year", "family", "modality", "what_it_does", "licence", "size"),
    "benchmarks": ("name", "year", "modality", "metrics", "scorer", "content"),
}
"""Columns of the table, the ones that a narrow terminal leaves out last."""
_LETTERS = {
    "audio": "A", "video": "V", "image": "I", "text": "T", "physiology": "P", "music": "M", "motion": "Mo", "3d": "3D",
}  # fmt: skip
_NAME, _CELL = 28, 14
"""Characters: of a name at most, and of another column at least."""
_LEAST_WIDTH = 60


@click.command(epilog="Exit codes: 0 done, 2 wrong request.")
@click.argument("kind", required=False, metavar="datasets|models|benchmarks")
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--modality", "-m", multiple=True, metavar="M", help="audio, video, image, text, physiology, music ...")
@click.option("--task", "-t", multiple=True, metavar="T", help="emotion, dimensions, sentiment, conversation ...")
@click.option("--licence", metavar="L", help="open, non-commercial, on request, unknown; or a part of its name.")
@click.option("--language", metavar="L", help="Data sets in this language.")
@click.option("--find", "text", metavar="TEXT", help="Only entries that hold this text.")
@click.option("--sort", default="name", show_default=True, metavar="COLUMN", help="-COLUMN sorts downwards.")
@click.option("--format", "form", metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: table, or as --out ends).")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file, not to stdout.")
@click.option("--quiet", is_flag=True, help="No notes on stderr.")
def command(kind: str | None, name: str | None, **given: Any) -> int:
    """Search the field's data sets, models and benchmarks; NAME shows one entry with its sources.

    Several --modality or --task must all fit. Rows marked * are from memory. Nothing is downloaded.
    """
    from mien.scoring.catalogue import TERMS_NOTE, catalogue, find, order, select

    if kind is None:
        raise RequestError("which table? mien catalogue datasets|models|benchmarks")
    form = _form(given)
    entries = select(
        catalogue(kind), modality=_several(given["modality"]), task=_several(given["task"]),
        licence=given["licence"], language=given["language"], text=given["text"],
    )  # fmt: skip
    found = order(find(entries, name) if name is not None else entries, given["sort"])
    _write(_told(kind, found, form, whole=name is not None, width=_width(given)), given)
    if not given["quiet"]:
        note = "" if form == "table" else f" {TERMS_NOTE}"
        click.echo(f"{len(found)} {kind if len(found) != 1 else kind[:-1]}.{note}", err=True)
    return 0


def _form(given: dict[str, Any]) -> str:
    ending = given["out"].suffix.lower() if given["out"] is not None else ""
    form = (given["form"] or ("json" if given["as_json"] else _ENDINGS.get(ending, "table"))).strip().lower()
    if form not in FORMATS:
        raise RequestError(f"unknown format {form!r}; allowed: {', '.join(FORMATS)}")
    if given["as_json"] and form != "json":
        raise RequestError(f"--json and --format {form} ask for two things; choose one")
    return form


def _width(given: dict[str, Any]) -> int | None:
    """Columns of the terminal; None for a file, where nothing is cut."""
    return max(_LEAST_WIDTH, shutil.get_terminal_size().columns) if given["out"] is None else None


def _several(values: Sequence[str]) -> list[str]:
    """Values given more than once, or with commas."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _told(kind: str, found: Sequence[Entry], form: str, *, whole: bool, width: int | None) -> str:
    from mien.page.tables import render
    from mien.scoring.catalogue import TERMS_NOTE, columns
    from mien.scoring.catalogue.query import cells
    from mien.scoring.catalogue.reader import KINDS

    if form == "table" and whole:
        return "\n".join(_card(cells(entry), width) for entry in found) + f"\n{TERMS_NOTE}\n"
    if form == "table":
        notes = (textwrap.fill(text, width or 10_000) for text in (_legend(found), TERMS_NOTE) if text)
        return f"{_table(kind, found, width)}\n" + "".join(f"{note}\n" for note in notes)
    header = columns(KINDS[kind])
    return render(header, [list(cells(entry).values()) for entry in found], form)


def _table(kind: str, found: Sequence[Entry], width: int | None) -> str:
    """The columns that fit, names and years whole."""
    from mien.page.tables import render

    header = [column.replace("_", " ") for column in _SHOWN[kind]]
    rows = [[_short(entry, column) for column in _SHOWN[kind]] for entry in found]
    if width is None:
        return render(header, rows, "text")
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    while sum(min(one, _CELL) if at > 1 else one for at, one in enumerate(widths)) + 2 * len(widths) - 2 > width:
        widths.pop()
    while (over := sum(widths) + 2 * len(widths) - 2 - width) > 0:
        at = max(range(2, len(widths)), key=lambda place: widths[place])
        second = max([one for place, one in enumerate(widths) if place not in (0, 1, at)], default=0)
        widths[at] = max(widths[at] - over, min(second, widths[at] - 1))
    cut = [[_cut(cell, one) for cell, one in zip(row, widths, strict=False)] for row in rows]
    return render(header[: len(widths)], cut, "text")


def _short(entry: Entry, column: str) -> str:
    """A cell of the table on a terminal: a star for what is from memory, a letter for each modality."""
    if column == "name":
        name = _cut(entry.name, _NAME)
        return name if entry.verified else f"{name} *"
    if column == "modality":
        return " ".join(_LETTERS[name] for name in entry.modalities) or entry.modality
    return str(getattr(entry, column))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip(" ,;(") + "…"


def _legend(found: Sequence[Entry]) -> str:
    there = [name for name in _LETTERS if any(name in entry.modalities for entry in found)]
    return ", ".join(f"{_LETTERS[name]} {name}" for name in there)


def _card(row: dict[str, str], width: int | None) -> str:
    """One entry in full."""
    lines = [row["name"] if row["verified"] == "yes" else f"{row['name']} *"]
    for column, value in row.items():
        if value and column != "name":
            head = f"  {column.replace('_', ' '):<14}"
            lines += textwrap.wrap(value, width or 10_000, initial_indent=head, subsequent_indent=" " * len(head))
    return "\n".join(lines) + "\n"


def _write(text: str, given: dict[str, Any]) -> None:
    if given["out"] is None:
        click.echo(text, nl=False)
        return
    from mien.files import write_atomic

    write_atomic(given["out"], text)
    if not given["quiet"]:
        click.echo(f"written: {given['out']}", err=True)
