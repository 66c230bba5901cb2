"""Tables in five formats: what a reader, LaTeX, a spreadsheet and a program get."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.page.tables import FORMATS, render

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
CELLS = st.one_of(TEXT, st.integers(), st.floats(), st.none())
TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5))


@given(rows=TABLES)
def test_every_table_has_one_line_per_row_in_every_format_for_eyes(rows):
    header = [f"c{at}" for at in range(len(rows[0]))]
    assert render(header, rows, "text").count("\n") == len(rows) + 2
    assert render(header, rows, "md").count("\n") == len(rows) + 2
    assert render(header, rows, "latex").count("\n") == len(rows) + 6


@given(rows=TABLES)
def test_json_and_csv_keep_every_cell(rows):
    header = [f"c{at}" for at in range(len(rows[0]))]
    told = [list(row.values()) for row in json.loads(render(header, rows, "json"))]
    finite = [[None if isinstance(c, float) and not abs(c) < float("inf") else c for c in row] for row in rows]
    assert told == finite
    read = list(csv.reader(io.StringIO(render(header, rows, "csv"), newline="")))
    assert [len(row) for row in read] == [len(header)] * (len(rows) + 1)


def test_text_is_aligned_also_for_chinese_and_fits_the_terminal():
    rows = [["愉快", 0.5, "a long explanation " * 9], ["joy", 0.25, "short"]]
    lines = render(["label", "value", "why"], rows, "text", width=60).splitlines()
    assert lines[0] == "label  value  why"
    assert lines[2].startswith("愉快   0.500") and lines[3].startswith("joy    0.250")
    assert max(map(len, lines)) <= 60 and lines[2].endswith("…")


def test_numbers_that_are_not_there_are_a_dash_and_zero_has_no_sign():
    assert render(["a", "b", "c"], [[None, float("nan"), -0.0001]], "text").splitlines()[2].split() == [
        "-",
        "-",
        "0.000",
    ]


def test_latex_and_markdown_escape_their_own_signs():
    assert r"50\% \& x\_y\textbackslash{}" in render(["a"], [["50% & x_y\\"]], "latex")
    assert r"| a\|b |" in render(["h"], [["a|b"]], "md")


def test_a_spreadsheet_does_not_run_a_cell():
    assert render(["a"], [["=1+1"]], "csv").splitlines()[1] == "'=1+1"


def test_an_unknown_format_names_those_that_exist():
    with pytest.raises(RequestError, match=", ".join(FORMATS)):
        render(["a"], [], "docx")
    with pytest.raises(ValueError, match="2 cells"):
        render(["a"], [[1, 2]])
