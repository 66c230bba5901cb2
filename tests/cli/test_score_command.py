"""`mien score` from a shell: tables, formats, exit codes, and every bad input as one line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def score(*arguments, cwd=None):
    command = [sys.executable, "-m", "mien", "score", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=cwd)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "p.csv").write_text("id,prediction\n1,joy\n2,fear\n3,joy\n9,joy\n", "utf-8")
    (tmp_path / "r.csv").write_text("id,label\n1,joy\n2,fear\n3,fear\n4,fear\n", "utf-8")
    return tmp_path


def test_alone_it_lists_the_benchmarks():
    done = score()
    assert done.returncode == 0 and done.stderr == ""
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert {"mer-unibench", "emer", "mme-emotion", "mvei", "classification", "regression", "openset"} <= set(names)


def test_the_table_goes_to_stdout_and_the_warnings_to_stderr(files):
    done = score("classification", "p.csv", "--reference", "r.csv", cwd=files)
    assert done.returncode == 0
    assert done.stdout.startswith("classification (rule: ") and "always fear" in done.stdout
    assert done.stderr.splitlines() == [
        "mien: warning: 1 of 4 samples have no prediction (4); counted as wrong",
        "mien: warning: 1 predictions have ids that the reference lacks (9); not scored",
    ]
    assert score("classification", "p.csv", "--reference", "r.csv", "--quiet", cwd=files).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (["--json"], '{\n "schema": "mien.score/1"'),
        (["--format", "json"], '{\n "schema": "mien.score/1"'),
        (["--format", "md"], "**classification**"),
        (["--format", "latex"], "% classification"),
        (["--format", "csv"], "data set,metric,class"),
        (["--format", "csv", "--explain"], "data set,id,truth,read,credit,why,answer"),
    ],
)
def test_every_format_is_printed_or_written(files, arguments, start):
    printed = score("classification", "p.csv", "--reference", "r.csv", *arguments, cwd=files)
    assert printed.returncode == 0 and printed.stdout.startswith(start)
    written = score("classification", "p.csv", "--reference", "r.csv", *arguments, "--out", "x/out", cwd=files)
    assert written.stdout == "" and "written: x/out" in written.stderr
    assert (files / "x" / "out").read_bytes().decode().replace("\r\n", "\n") == printed.stdout


def test_the_ending_of_out_chooses_the_format(files):
    score("classification", "p.csv", "--reference", "r.csv", "--out", "out.json", cwd=files)
    assert json.loads((files / "out.json").read_text("utf-8"))["benchmark"] == "classification"


def test_equal_inputs_give_equal_bytes(files):
    one, two = (score("classification", "p.csv", "--reference", "r.csv", "--json", cwd=files).stdout for _ in "ab")
    assert one == two
    other = score("classification", "p.csv", "--reference", "r.csv", "--json", "--seed", 1, cwd=files).stdout
    assert json.loads(other)["parts"][0]["scores"][0]["value"] == json.loads(one)["parts"][0]["scores"][0]["value"]


def test_a_report_lies_beside_you_or_where_you_say(files):
    done = score("classification", "p.csv", "--reference", "r.csv", "--report", cwd=files)
    assert "report: p.classification.html" in done.stderr
    assert (files / "p.classification.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    score("classification", "p.csv", "--reference", "r.csv", "--report", "x.html", "--quiet", cwd=files)
    assert "(no answer)" in (files / "x.html").read_text("utf-8")


def test_explain_says_what_was_read(files):
    done = score("classification", "p.csv", "--reference", "r.csv", "--explain", "--rounds", 0, cwd=files)
    assert "4   truth: fear   read: (nothing)   credit 0.000\n    no prediction with this id" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["klass", "p.csv"], "allowed: mer-unibench, emer"),
        (["classification"], "which predictions?"),
        (["classification", "p.csv", "--format", "docx"], "allowed: table, json, csv, md, latex"),
        (["classification", "p.csv", "--json", "--format", "md"], "choose one"),
        (["classification", "p.csv", "--rounds", "-1"], "allowed: 0"),
        (["classification", "p.csv", "--rounds", "many"], "not a valid integer"),
        (["classification", "p.csv", "--unreadable", "drop"], "allowed: wrong, skip"),
        (["classification", "p.csv", "--readers", "some"], "allowed: default, all"),
        (["classification", "p.csv", "--judge", "gpt"], "allowed: none, command:CMD"),
        (["classification", "--report", "p.csv"], "ends in .html"),
        (["mer-unibench", "p.csv", "--reference", "r.csv", "--edition", "1999"], "allowed: 2025, 2026"),
    ],
)
def test_a_wrong_request_names_what_is_allowed_and_exits_2(files, arguments, why):
    done = score(*arguments, cwd=files)
    assert done.returncode == 2 and why in done.stderr and done.stdout == ""


BAD = {
    "missing.csv": ("x,prediction\n1,joy\n", "has no column for the id; columns: x, prediction; allowed: "),
    "blank.csv": ("id,prediction\n ,joy\n", "row 1: the id (column 'id') is empty"),
    "twice.csv": ("id,prediction\n1,joy\n1,joy\n", "row 2: the id '1' was there before, in row 1"),
    "columns.csv": ("id,foo\n1,joy\n", "has no column for the answer; columns: id, foo; allowed: prediction"),
    "latin.csv": (b"id,prediction\n1,joy\n2,\xe9\n", "row 2: byte 3 of the line is no UTF-8"),
    "other.csv": ("id,prediction\nz,joy\n", "it looks like the reference of another data set"),
    "half.jsonl": ('{"id":1,"prediction":"joy"}\n{"id":2,', "row 2: is no JSON"),
    "empty.csv": ("", "holds no rows"),
    "table.xlsx": ("x", "allowed: .jsonl, .ndjson, .json, .csv, .tsv, .parquet"),
}


@pytest.mark.parametrize("benchmark", ["classification", "mer-unibench"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_with_file_and_row_and_exits_1(files, benchmark, name):
    content, why = BAD[name]
    (files / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = score(benchmark, name, "--reference", "r.csv", cwd=files)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(f"mien: {name}: ") and done.stderr.count("\n") == 1
    assert why in done.stderr


def test_what_cannot_be_written_is_told(files):
    done = score("classification", "p.csv", "--reference", "r.csv", "--out", "p.csv/deeper.json", cwd=files)
    assert done.returncode == 1 and "cannot be written" in done.stderr
