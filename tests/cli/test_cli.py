import json
import subprocess
import sys

import pytest


def mien(*arguments, stdin=None, cwd=None):
    command = [sys.executable, "-m", "mien", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, input=stdin, cwd=cwd)


def test_an_unknown_command_lists_the_commands():
    done = mien("analyse")
    assert done.returncode == 2
    assert b"commands: analyze, info, models" in done.stderr
    assert b"doctor, score" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--space", "plutchik"], b"basic, compound, goemotions, va, sentiment"),
        (["--modalities", "smell"], b"audio, face, text, signal"),
        (["--format", "docx"], b"json, csv, parquet, emotionml, eaf, vtt, html"),
        (["--every", "0"], b"between 0.2 and 3600"),
        (["--fps", "1000"], b"between 0.05 and 60"),
        (["--resume"], b"--out DIR"),
        (["--format", "json,csv"], b"--out DIR"),
    ],
)
def test_a_wrong_request_names_what_is_allowed_and_exits_2(examples, arguments, allowed):
    done = mien("analyze", examples / "portrait.jpg", *arguments)
    assert done.returncode == 2, done.stderr
    assert allowed in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_missing_file_is_one_line_and_exit_code_1(tmp_path):
    done = mien("analyze", tmp_path / "nothing.mp4")
    assert done.returncode == 1
    assert done.stderr.decode().strip().count("\n") == 0
    assert b"no such file" in done.stderr


def test_piped_output_is_json_and_one_input_is_one_object(examples):
    done = mien("analyze", examples / "talking.mp4")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schema"] == "mien.analysis/1"


def test_several_inputs_are_json_lines_and_a_bad_one_is_told_last(examples, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00" * 100)
    done = mien("analyze", examples / "portrait.jpg", broken, examples / "letter.txt")
    assert done.returncode == 1
    assert [json.loads(line)["recording"]["kind"] for line in done.stdout.splitlines()] == ["image", "text"]
    assert b"broken.mp4" in done.stderr
    assert b"1 of 3 inputs failed" in done.stderr


def test_standard_input_is_read(examples):
    done = mien("analyze", "-", stdin=(examples / "dialogue.flac").read_bytes())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["recording"]["path"] == "<stdin>"


def test_equal_inputs_give_equal_bytes(examples):
    first, second = (mien("analyze", examples / "smile.mp4").stdout for _ in range(2))
    assert first == second


def test_a_folder_run_writes_every_format_and_resumes_by_content_and_options(examples, tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("portrait.jpg", "letter.txt"):
        (source / name).write_bytes((examples / name).read_bytes())
    (source / "empty.wav").write_bytes(b"")
    first = mien("analyze", source, "--out", out, "--format", "json,csv,emotionml,html")
    assert first.returncode == 1
    assert b"empty.wav" in first.stderr
    made = sorted(p.name for p in out.iterdir() if p.is_file())
    assert made == sorted(
        f"{stem}.{form}" for stem in ("portrait", "letter") for form in ("json", "csv", "emotionml", "html")
    )
    before = (out / "portrait.json").stat().st_mtime_ns
    again = mien("analyze", source, "--out", out, "--format", "json,csv,emotionml,html", "--resume")
    assert again.stderr.count(b"done before") == 2
    assert (out / "portrait.json").stat().st_mtime_ns == before
    other = mien(
        "analyze", source, "--out", out, "--format", "json,csv,emotionml,html", "--resume", "--space", "compound"
    )
    assert b"done before" not in other.stderr
    (source / "portrait.jpg").write_bytes((examples / "portrait.jpg").read_bytes() + b"\x00")
    changed = mien(
        "analyze", source, "--out", out, "--format", "json,csv,emotionml,html", "--resume", "--space", "compound"
    )
    assert changed.stderr.count(b"done before") == 1


def test_an_unwritable_folder_is_one_line(examples, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = mien("analyze", examples / "portrait.jpg", "--out", blocked / "below")
    assert done.returncode == 1
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


def test_models_and_doctor_answer():
    listed = mien("models", "--json")
    assert listed.returncode == 0, listed.stderr
    names = {model["reads"] for model in json.loads(listed.stdout)}
    assert {"audio", "face", "text", "signal"} <= names
    healthy = mien("doctor", "--json")
    assert healthy.returncode == 0, healthy.stdout + healthy.stderr
    assert set(json.loads(healthy.stdout)["tests"].values()) == {"ok"}


@pytest.mark.parametrize("modalities", ["VA", "TVA"])
def test_textualized_3_the_sentence_of_a_clip_is_printed(examples, modalities):
    done = mien("analyze", examples / "talking.mp4", "--sentences", modalities, "--quiet")
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert done.returncode == 0 and rows and all(float(start) < float(end) for start, end, *_ in rows)
    for text in (row[3] for row in rows):
        assert [part in text for part in ("Words: ", "Face: ", "Voice: ")] == [part in modalities for part in "TVA"]
    said = " ".join(row[3] for row in rows)
    assert "Face: looks like" in said and "muscle" not in said and "Voice: high " in said
    assert "T" not in modalities or "Words: Kids are talking by the door. Face" in rows[0][3]


@pytest.mark.parametrize("options", [("--sentences", "X"), ("--sentences", "T", "--json")])
def test_sentences_that_cannot_be_are_refused_before_anything_is_read(options, examples):
    done = mien("analyze", examples / "talking.mp4", *options)
    assert done.returncode == 2 and (b"must be letters of T" in done.stderr or b"lines of its own" in done.stderr)
