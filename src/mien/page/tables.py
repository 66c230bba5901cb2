"""One table, five ways: aligned text for a terminal, Markdown, LaTeX, CSV, JSON.

>>> print(render(["label", "recall", "n"], [["joy", 0.75, 4], ["fear", None, 12]], "text"), end="")
label  recall   n
-----  ------  --
joy     0.750   4
fear        -  12
"""

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from collections.abc import Callable, Sequence

from mien.errors import RequestError, one_line

Cell = str | int | float | None
"""What a table holds: text, a number, or nothing (None; NaN is shown in the same way)."""

_SHORTEST = 12


def render(
    header: Sequence[str], rows: Sequence[Sequence[Cell]], format: str = "text", *, digits: int = 3,
    width: int | None = None,
) -> str:  # fmt: skip
    """The table as text that ends with a line break.

    format: "text" (aligned), "md", "latex" (booktabs), "csv" (RFC 4180) or "json" (a list of objects); digits: decimals
    of a float in text, Markdown and LaTeX; CSV and JSON keep all of them; width: columns of the terminal, for "text":
    the longest texts are cut to fit. A spreadsheet formula in a CSV cell gets a leading apostrophe.
    Raises RequestError for another format, ValueError where a row is not as long as the header.
    """
    if format not in FORMATS:
        raise RequestError(f"unknown table format {format!r}; allowed: {', '.join(FORMATS)}")
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row has {len(row)} cells, the header {len(header)}")
    if format == "csv":
        return _csv(header, rows)
    if format == "json":
        return _json(header, rows)
    shown = [[_shown(cell, digits) for cell in row] for row in rows]
    right = [bool(rows) and all(not isinstance(row[at], str) for row in rows) for at in range(len(header))]
    if format == "text":
        return _text([one_line(name) for name in header], shown, right, width)
    return FORMATS[format](header, shown, right)


def _empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def _shown(cell: Cell, digits: int) -> str:
    if _empty(cell):
        return "-"
    if isinstance(cell, float):
        return f"{cell:z.{digits}f}"  # z: no "-0.000"
    return one_line(str(cell))


def _wide(text: str) -> int:
    """Columns that a text takes on a terminal: two for a Chinese sign, none for a combining mark."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def _pad(text: str, width: int, right: bool) -> str:
    blank = " " * (width - _wide(text))
    return blank + text if right else text + blank


def _cut(text: str, width: int) -> str:
    if _wide(text) <= width:
        return text
    kept = text[:width]
    while kept and _wide(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…"


def _text(header: Sequence[str], rows: list[list[str]], right: list[bool], width: int | None) -> str:
    widths = [max(map(_wide, column)) for column in zip(header, *rows, strict=True)]
    while width is not None and sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > _SHORTEST:
        over = sum(widths) + 2 * (len(widths) - 1) - width
        longest = widths.index(max(widths))
        second = max([one for at, one in enumerate(widths) if at != longest], default=0)
        widths[longest] = max(widths[longest] - over, min(second, widths[longest] - 1), _SHORTEST)
    lines = [header, ["-" * one for one in widths], *rows]
    told = (
        "  ".join(_pad(_cut(cell, one), one, side) for cell, one, side in zip(line, widths, right, strict=True))
        for line in lines
    )
    return "".join(line.rstrip() + "\n" for line in told)


def _markdown(header: Sequence[str], rows: list[list[str]], right: list[bool]) -> str:
    lines = [[one_line(name) for name in header], ["---:" if side else "---" for side in right], *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|").strip() for cell in line) + " |\n" for line in lines)


_LATEX = str.maketrans(
    {
        **{sign: "\\" + sign for sign in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
    }
)


def _latex(header: Sequence[str], rows: list[list[str]], right: list[bool]) -> str:
    def line(cells: Sequence[str]) -> str:
        return " & ".join(one_line(cell).translate(_LATEX) for cell in cells) + r" \\"

    columns = "".join("r" if side else "l" for side in right)
    head = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", line(header), r"\midrule"]
    return "\n".join([*head, *(line(row) for row in rows), r"\bottomrule", r"\end{tabular}"]) + "\n"


def _csv(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(["" if _empty(cell) else _unrun(cell) for cell in row] for row in rows)
    return out.getvalue()


def _unrun(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _json(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    told = [dict(zip(header, (_finite(cell) for cell in row), strict=True)) for row in rows]
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _finite(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


FORMATS: dict[str, Callable[..., str]] = {"text": _text, "md": _markdown, "latex": _latex, "csv": _csv, "json": _json}
"""Format -> writer."""
