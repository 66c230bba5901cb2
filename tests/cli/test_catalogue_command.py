import csv
import io
import json

import pytest
from click.testing import CliRunner

from mien.cli.catalogue import command
from mien.errors import MienError


def run(*arguments, columns=80):
    done = CliRunner(env={"COLUMNS": str(columns)}).invoke(command, list(arguments), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done


@pytest.mark.parametrize("kind", ["datasets", "models", "benchmarks"])
@pytest.mark.parametrize("columns", [60, 80, 132, 250])
def test_the_table_fits_the_terminal_and_marks_what_is_from_memory(kind, columns):
    done = run(kind, columns=columns)
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("name")
    assert any(" *  " in line for line in lines)
    assert "check the owner's terms" in " ".join(lines[-3:])


def test_several_values_and_a_sort():
    done = run("datasets", "-m", "audio,text", "--licence", "non-commercial", "--sort", "-year", "--json")
    rows = json.loads(done.stdout)
    assert rows
    assert all(row["licence_class"] == "non-commercial" and "A" in row["modality"] for row in rows)
    assert [int(row["year"]) for row in rows] == sorted((int(row["year"]) for row in rows), reverse=True)


def test_one_entry_in_full_with_its_source():
    done = run("datasets", "crema-d")
    assert done.stdout.startswith("CREMA-D\n")
    assert "SuperKogito/SER-datasets" in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_format_follows_the_ending_of_out(tmp_path):
    run("models", "--out", str(tmp_path / "models.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "models.csv").read_text(encoding="utf-8"))))
    assert len(rows) >= 40
    assert {"name", "verified", "source"} <= set(rows[0])
    run("models", "--out", str(tmp_path / "models.md"))
    assert (tmp_path / "models.md").read_text(encoding="utf-8").startswith("| name | year |")


def test_nothing_found_is_said_and_no_error():
    done = run("datasets", "-m", "3d", "-m", "music")
    assert "0 datasets." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        ((), "datasets|models|benchmarks"),
        (("papers",), "datasets, models, benchmarks"),
        (("datasets", "--format", "docx"), "table, json, csv, md, latex"),
        (("datasets", "--json", "--format", "csv"), "choose one"),
        (("datasets", "--modality", "smell"), "audio, video"),
    ],
)
def test_a_wrong_request_lists_what_is_allowed(arguments, allowed):
    with pytest.raises(MienError) as caught:
        run(*arguments)
    assert allowed in str(caught.value)
    assert caught.value.exit_code == 2
