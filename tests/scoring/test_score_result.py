"""A ScoreResult told as text, JSON, Markdown, LaTeX, CSV, a notebook cell and a page."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
import score_makers as makers

from mien.metrics.score import Score
from mien.scoring.report.html.pictures import heat, reliability, scatter
from mien.scoring.report.html.samples import SHOWN, samples
from mien.scoring.report.html.scale import scale, wilson
from mien.scoring.report.html.view import headline
from mien.scoring.report.table import notes
from mien.scoring.result import Part, ScoreResult

STATES = pytest.mark.parametrize("name", makers.STATES)


@STATES
def test_json_holds_the_whole_result_and_equal_results_give_equal_bytes(name):
    result = makers.STATES[name]()
    told = json.loads(result.to_json())
    assert told["schema"] == "mien.score/1"
    assert [part["name"] for part in told["parts"]] == [part.name for part in result.parts]
    assert [len(part["readings"]) for part in told["parts"]] == [len(part.readings) for part in result.parts]
    assert told["warnings"] == list(result.warnings)
    assert result.to_json() == makers.STATES[name]().to_json()


def test_a_value_that_is_not_defined_is_null_and_a_dash():
    assert json.loads(makers.bare().to_json())["parts"][0]["scores"][0]["value"] is None
    assert re.search(r"all\s+mcc\s+-\s+3", makers.bare().to_text())
    assert "note: mcc: undefined: one class only" in makers.bare().to_text()


def test_a_note_of_many_scores_is_told_once_and_names_its_part():
    parts = tuple(
        Part(name, (Score("uar", 0.5, note=note), Score("mcc", 0.5, note=note)))
        for name, note in (("x", "n1"), ("y", "n2"))
    )
    assert notes(ScoreResult("b", "p", {}, parts)) == ["x, uar, mcc: n1", "y, uar, mcc: n2"]
    assert notes(ScoreResult("b", "p", {}, parts[:1])) == ["uar, mcc: n1"]


def test_floors_stand_beside_the_scores_in_every_table():
    result = makers.one()
    assert re.search(r"n\s+majority\s+names every label", result.to_text())
    assert "| majority | names every label |" in result.to_markdown().replace("---: ", "")
    assert r"majority & names every label \\" in result.to_latex()
    rows = list(csv.DictReader(io.StringIO(result.to_csv(), newline="")))
    assert rows[0]["floor: majority"] == str(1 / 7)
    assert [row["class"] for row in rows[1:8]] == list(makers.BASIC)


def test_text_for_a_terminal_is_no_wider_than_the_terminal():
    narrow = makers.several().to_text(width=80)
    assert max(len(line) for line in narrow.splitlines() if "  " in line) <= 100
    assert "overall" in narrow


def test_explain_shows_what_was_read_and_why():
    text = makers.several().to_text(explain=True)
    assert "first: first_0000   truth:" in text and "    error +0.3" in text
    rows = list(csv.DictReader(io.StringIO(makers.one().to_csv(explain=True), newline="")))
    assert len(rows) == 400 and rows[0]["answer"].startswith("She seems")
    assert "first_0000" in makers.several().to_markdown(explain=True)
    assert "first\\_0000" in makers.several().to_latex(explain=True)


@STATES
def test_every_text_format_survives_every_result(name):
    result = makers.STATES[name]()
    for text in (result.to_text(width=80, explain=True), result.to_markdown(), result.to_latex(), str(result)):
        assert text.endswith("\n")
        text.encode("utf-8")


class Outline(HTMLParser):
    """Ids, links and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.refs: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.refs += [given[key] for key in ("href", "src") if key in given]


@STATES
def test_the_page_needs_no_network_and_no_text_becomes_markup(name):
    page = makers.STATES[name]().report()
    found = Outline(page)
    assert len(found.ids) == len(set(found.ids))
    assert all(ref == "data:," or ref.removeprefix("#") in found.ids for ref in found.refs)
    assert found.tags.count("script") <= 1
    assert (
        "alert(" not in re.sub(r"&lt;script&gt;alert\(|u003cscript\\u003ealert\(|>\s*alert", "", page).split("<body")[0]
    )
    assert '<script>alert("x")' not in page


def test_the_page_is_written_whole(tmp_path):
    text = makers.one().report(tmp_path / "deep" / "page.html")
    assert (tmp_path / "deep" / "page.html").read_text("utf-8") == text
    assert makers.one().report() == text


def test_a_notebook_shows_the_table():
    assert "<table>" in makers.one()._repr_html_() and "0.143" in makers.one()._repr_html_()
    assert "<script>" not in makers.hostile()._repr_html_()


def test_the_headline_names_the_score_its_interval_and_the_best_floor():
    text = headline(makers.one())
    assert re.fullmatch(
        r"uar 0\.\d{3} \(95 % interval 0\.\d{3} to 0\.\d{3}\) on 400 samples; "
        r"the best floor \(names every label\) reaches 0\.200\.",
        text,
    )
    assert headline(makers.several()).startswith("mean_figure 0.500 overall; ")
    assert headline(makers.bare()).startswith("mcc is not defined here. undefined: one class only")
    assert "which is no worse" in headline(makers.hostile())


def test_the_headline_speaks_of_floors_in_the_table_only_where_there_are_some():
    assert headline(makers.several()).endswith("the floors stand in the table.")
    floorless = Part("all", (Score("uar", 0.5, (0.4, 0.6), 40),))
    told = headline(ScoreResult("classification", "rule", {}, (floorless,)))
    assert told == "uar 0.500 (95 % interval 0.400 to 0.600) on 40 samples; there is no floor to hold it against."


def test_the_confusion_picture_has_a_cell_for_every_count():
    part = makers.one().parts[0]
    picture = heat(part)
    assert sum(cell["n"] for cell in picture["cells"]) == 400
    assert all(cell["hit"] == (cell["truth"] == cell["read"]) for cell in picture["cells"])
    assert {round(sum(c["share"] for c in picture["cells"] if c["truth"] == label), 2) for label in makers.BASIC} == {
        1.0
    }
    assert heat(makers.bare().parts[0]) is None


def test_calibration_and_scatter_lie_within_their_square():
    points = reliability(makers.one().parts[0])["points"]
    assert len(points) == 9 and all(0 <= point["x"] <= 200 and 0 <= point["y"] <= 200 for point in points)
    cloud = scatter(makers.several().parts[1])
    assert len(cloud["points"]) == 200
    assert all(0 <= x <= 200 and 0 <= y <= 200 for x, y in cloud["points"])
    assert scatter(makers.one().parts[0]) is None and reliability(makers.bare().parts[0]) is None


def test_the_samples_shown_are_some_of_every_kind_of_error():
    part = makers.several().parts[2]
    told = samples(part)
    kinds = {(reading.truth, reading.read) for reading in part.readings if reading.credit == 0}
    shown = {(sample["truth"][0][0], sample["read"][0][0]) for sample in told["shown"]}
    assert len(told["shown"]) == min(SHOWN, told["missed"])
    assert len(shown) == min(len(kinds), SHOWN)
    assert samples(makers.perfect().parts[0])["shown"] == []


def test_number_lines_hold_their_values():
    assert scale([0.3, 0.9]).ends == ("0", "1")
    assert scale([-0.2, 0.9]).ends == ("-1", "1")
    assert scale([1.3]).ends == ("0", "2") and scale([37.0, None]).ends == ("0", "50")
    assert scale([]).ends == ("0", "1") and scale([-3.2]).low == -5
    assert scale([0.5]).at(0.25) == 25 and scale([0.5]).at(7) == 100
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)
