"""`mien bench own`: a person's own labelled clips in, how far Mien can be trusted out."""

import csv
import json
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner

from mien.cli.bench import command
from mien.errors import MienError

EXAMPLES = Path(__file__).parents[2] / "examples"


def table(folder, rows, header=("file", "start", "end", "label", "speaker")):
    path = folder / "labels.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


@pytest.fixture
def dialogue(tmp_path):
    truth = list(csv.DictReader((EXAMPLES / "dialogue.truth.csv").open()))
    return table(tmp_path, [("dialogue.flac", r["start"], r["end"], r["label"], r["speaker"]) for r in truth])


def run(*arguments):
    return CliRunner().invoke(command, ["own", *map(str, arguments), "--quiet"])


def test_parts_of_one_recording_are_scored_with_interval_and_floor(dialogue):
    done = run(EXAMPLES, "--labels", dialogue, "--json", "--rounds", 50)
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    rows = {row["name"]: row for row in found["rows"]}
    count = sum(1 for _ in csv.DictReader(dialogue.open()))
    assert found["clips"] == count and rows["together"]["answered"] <= count
    low, high = rows["together"]["accuracy"]["interval"]
    assert low <= rows["together"]["accuracy"]["value"] <= high
    assert 0 < rows["together"]["majority"] <= 1
    assert found["threshold"] is None  # a handful of clips fits no threshold


def test_the_table_is_told_in_words(dialogue):
    done = run(EXAMPLES, "--labels", dialogue, "--rounds", 0)
    assert "together" in done.output and "Confidence was" in done.output


def test_a_clip_without_evidence_is_counted_with_its_reason(tmp_path):
    with wave.open(str(tmp_path / "silence.wav"), "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", "not compressed"))
        sound.writeframes(bytes(64000))
    done = run(tmp_path, "--labels", table(tmp_path, [("silence.wav", "joy")], ("file", "label")), "--rounds", 0)
    assert "1 of 1 clips had no answer" in done.output and "no speech" in done.output


@pytest.mark.parametrize(
    ("row", "header", "words"),
    [
        (("gone.wav", "joy"), ("file", "label"), ["row 2", "gone.wav"]),
        (("talking.mp4", "melancholy"), ("file", "label"), ["row 2", "melancholy", "sadness"]),
        (("talking.mp4", "joy"), ("clip", "feeling"), ["label", "feeling", "emotion"]),
        (("talking.mp4", "joy", "three"), ("file", "label", "start"), ["row 2", "three", "seconds"]),
    ],
)
def test_a_wrong_table_is_told_with_row_and_what_is_allowed(tmp_path, row, header, words):
    done = run(EXAMPLES, "--labels", table(tmp_path, [row], header))
    assert isinstance(done.exception, MienError)
    assert all(word in str(done.exception) for word in words), done.exception
