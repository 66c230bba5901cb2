"""Runs over many inputs: nothing is lost, nothing of the user's is replaced, nothing stops at one bad file."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.analysis import folder
from mien.analysis.folder import plan
from mien.analysis.moments.addvoice import added_voice

ALL = "json,csv,emotionml,eaf,vtt,html"


@pytest.fixture
def texts(tmp_path):
    """A folder of five letters, named one to five."""
    where = tmp_path / "in"
    where.mkdir()
    for name in ("one", "two", "three", "four", "five"):
        (where / f"{name}.txt").write_text(f"I am so happy about the {name} of us. I was very sad before.")
    return where


def results(out: Path) -> list[str]:
    """Names of what a person sees in the folder of results, which must hold nothing half-written."""
    assert not [path for path in out.rglob("*.part")]
    return sorted(path.name for path in out.iterdir() if path.is_file())


def start(*arguments: object) -> subprocess.Popen:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "mien", "analyze", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(condition, process: subprocess.Popen) -> None:
    """Until it holds; the process must not end before."""
    for _ in range(3000):
        if condition():
            return
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    raise AssertionError("waited in vain")


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_files_are_listed_last_and_stop_nothing(mien, texts, tmp_path, workers):
    (texts / "broken.mp4").write_bytes(bytes(99))
    (texts / "loop.wav").symlink_to(texts / "loop.wav")
    (texts / "around").symlink_to(texts)
    os.mkfifo(texts / "pipe.csv")
    os.mkfifo(texts / "pipe.srt")
    said = mien("analyze", texts, "--out", tmp_path / "out", "--workers", workers, "--quiet")
    lines = said.err.splitlines()
    assert said.code == 1 and len(lines) == 4, said.err
    assert {line.split(": ")[1].rsplit("/", 1)[1] for line in lines[:3]} == {"broken.mp4", "loop.wav", "pipe.srt"}
    assert lines[3] == "mien: 3 of 8 inputs failed (listed above); the others are done"
    assert results(tmp_path / "out") == ["five.json", "four.json", "one.json", "three.json", "two.json"]


def test_a_fault_of_ours_in_one_file_is_one_line_and_stops_nothing(mien, texts, tmp_path, monkeypatch):
    real = folder.run

    def faulty(path, *rest, **more):
        if "two" in path:
            raise ZeroDivisionError("division\nby zero")
        return real(path, *rest, **more)

    monkeypatch.setattr(folder, "run", faulty)
    monkeypatch.setattr("mien.analysis.pipeline.run", faulty)
    said = mien("analyze", texts, "--out", tmp_path / "out", "--quiet")
    first = said.err.splitlines()[0]
    assert said.code == 1 and "two.txt: unexpected ZeroDivisionError: division\\nby zero" in first
    assert "report it" in first and len(results(tmp_path / "out")) == 4
    said = mien("analyze", texts, "--quiet")
    assert said.code == 1 and len(said.out.splitlines()) == 4 and "Traceback" not in said.err


def test_odd_names_equal_stems_and_the_same_file_twice(mien, tmp_path):
    names = [
        "a.txt",
        "a.srt",
        "b/a.txt",
        "with blank.txt",
        "ünï 名.txt",
        "two\nlines.txt",
        "-dash.txt",
        "n" * 240 + ".txt",
    ]
    names.append(os.fsdecode(b"\xff\xfe.txt"))
    (tmp_path / "in" / "b").mkdir(parents=True)
    for name in names:
        path = tmp_path / "in" / name
        path.write_text("1\n00:00:01,000 --> 00:00:02,000\nI am happy.\n" if name.endswith("srt") else "I am happy.")
    out = tmp_path / "out"
    again = os.path.join(tmp_path, "in", "b", "..", "a.txt")
    said = mien("analyze", tmp_path / "in", again, tmp_path / "in" / "a.txt", "--out", out, "--format", ALL[:8])
    assert said.code == 0, said.err
    assert len(said.err.splitlines()) == len(names) == len(results(out)) / 2
    assert {"in_a.txt.json", "a.srt.json", "b_a.txt.json", "-dash.csv"} <= set(results(out))
    paths = {json.loads(path.read_bytes())["recording"]["path"] for path in out.glob("*.json")}
    assert len(paths) == len(names)


@given(st.lists(st.text("ab.-2/", min_size=1, max_size=8), unique=True, max_size=12))
def test_no_two_results_share_a_name(paths):
    stems = [job.stem.lower() for job in plan(paths)]
    assert len(set(stems)) == len(paths) and not any("/" in stem for stem in stems)


def test_resume_goes_by_content_options_and_what_lies_there(mien, texts, tmp_path):
    out = tmp_path / "out"

    def done_before(*more: object) -> set[str]:
        said = mien("analyze", texts, "--out", out, "--resume", *more)
        assert said.code == 0, said.err
        lines = [line for line in said.err.splitlines() if line.endswith("done before")]
        return {Path(line.split(": ")[0].split(" ", 1)[1]).stem for line in lines}

    everything = {"one", "two", "three", "four", "five"}
    assert done_before() == set()
    assert done_before() == everything
    (texts / "one.txt").write_text("Something else, which makes me angry.")
    (out / "two.json").unlink()
    (out / "three.json").write_text((out / "three.json").read_text()[:-9])
    assert done_before() == {"four", "five"}
    assert done_before("--space", "compound") == set()
    assert done_before() == set(), "the results of other options lie there now"
    assert done_before("--format", "json,csv") == set()
    assert done_before("--format", "json,csv") == everything


def test_resume_sees_that_the_subtitles_beside_a_film_changed(mien, tmp_path, examples):
    for name in ("smile.mp4", "talking.srt"):
        shutil.copy(examples / name, tmp_path)
    (tmp_path / "talking.srt").rename(tmp_path / "smile.srt")
    call = ("analyze", tmp_path / "smile.mp4", "--out", tmp_path / "out", "--modalities", "text", "--resume")
    assert "done before" not in mien(*call).err
    assert "done before" in mien(*call).err
    with (tmp_path / "smile.srt").open("a") as stream:
        stream.write("\n2\n00:00:02,700 --> 00:00:03,000\nI hate it.\n")
    assert "done before" not in mien(*call).err


def test_resume_sees_that_a_model_was_added(mien, texts, tmp_path, monkeypatch):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))
    call = ("analyze", texts / "one.txt", "--out", tmp_path / "out", "--resume")
    assert "done before" not in mien(*call).err
    assert "done before" in mien(*call).err
    added_voice().parent.mkdir(parents=True)
    added_voice().write_bytes(b"not read for a letter")
    assert "done before" not in mien(*call).err


def test_results_beside_the_inputs_are_no_inputs_and_no_transcripts(mien, texts, examples):
    shutil.copy(examples / "smile.mp4", texts)
    inputs = {path.name for path in texts.iterdir()}
    first = mien("analyze", texts, "--out", texts, "--format", ALL, "--modalities", "text", "--quiet")
    assert first.code == 1 and first.err.count("needs times") == 5, "letters have no times"
    second = mien("analyze", texts, "--out", texts, "--format", "json,csv,emotionml,html", "--modalities", "text")
    assert second.code == 0 and len(second.err.splitlines()) == len(inputs), second.err
    film = json.loads((texts / "smile.json").read_bytes())
    assert [stream for stream in film["recording"]["streams"] if stream["kind"] == "text"] == []


def test_what_mien_did_not_write_is_never_replaced(mien, tmp_path, examples):
    talk = [{"speaker": "A", "text": "I am happy"}, {"speaker": "B", "text": "I am sad"}]
    (tmp_path / "talk.json").write_text(json.dumps(talk))
    said = mien("analyze", tmp_path / "talk.json", "--out", tmp_path, "--quiet")
    assert said.code == 1 and "talk.json: is there already and no result of Mien" in said.err
    assert json.loads((tmp_path / "talk.json").read_text()) == talk
    shutil.copy(examples / "talking.mp4", tmp_path)
    (tmp_path / "talking.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nmy own words\n")
    call = ("analyze", tmp_path / "talking.mp4", "--modalities", "text", "--format", "vtt", "--out", tmp_path)
    assert mien(*call).code == 1
    assert "my own words" in (tmp_path / "talking.vtt").read_text()


def test_a_report_does_not_replace_a_page_of_the_same_name(mien, tmp_path, examples, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.html").write_text("my page")
    said = mien("analyze", examples / "letter.txt", "--report")
    assert said.code == 1 and "letter.html: is there already" in said.err
    (tmp_path / "letter.html").unlink()
    for _ in range(2):
        assert mien("analyze", examples / "letter.txt", "--report").code == 0


def test_a_place_that_cannot_be_written_is_told_before_any_work(mien, tmp_path, examples, monkeypatch):
    monkeypatch.setattr(folder, "run", lambda *_, **__: pytest.fail("work was begun"))
    file = tmp_path / "file"
    file.write_text("mine")
    assert "is a file, and --out names a folder" in mien("analyze", examples, "--out", file).refusal
    assert "cannot be written (Not a directory)" in mien("analyze", examples, "--out", file / "below").refusal
    assert "choose another --out" in mien("analyze", examples, "--out", "/proc/nowhere").refusal


def test_a_full_disk_is_one_line_per_file_and_leaves_no_pieces(mien, texts, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert mien("analyze", texts, "--out", out, "--quiet").code == 0
    kept = {path.name: path.read_bytes() for path in out.glob("*.json")}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = mien("analyze", texts, "--out", out, "--space", "compound", "--quiet")
    assert said.code == 1 and said.err.count("cannot be written (No space left on device); choose another --out") == 5
    assert {name: (out / name).read_bytes() for name in results(out)} == kept


def test_a_full_standard_output_is_one_line(examples):
    if not os.path.exists("/dev/full"):
        pytest.skip("/dev/full is not there")
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "mien", "analyze", str(examples / "letter.txt")]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == b"mien: <stdout>: cannot be written (No space left on device); use --out DIR\n"


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done_and_resume_goes_on(mien, texts, tmp_path, examples, workers):
    for number in range(6):
        shutil.copy(examples / "dialogue.flac", texts / f"z{number}.flac")
    (texts / "aa.mp4").write_bytes(bytes(99))
    out = tmp_path / "out"
    process = start(texts, "--out", out, "--workers", workers, "--modalities", "audio,text")
    wait_for(lambda: len(list(out.glob(".mien/*.json"))) >= 5, process)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    lines = told.decode().strip().splitlines()
    assert process.returncode == 130, told
    assert lines[-1] == "mien: interrupted; what was written to --out is kept, and --resume goes on from there"
    assert b"Traceback" not in told and any(line.startswith("mien: ") and "aa.mp4" in line for line in lines)
    kept = results(out)
    assert 5 <= len(kept) < 11
    said = mien("analyze", texts, "--out", out, "--modalities", "audio,text", "--resume")
    assert said.code == 1 and said.err.count("done before") >= 5 and len(results(out)) == 11


def test_a_worker_that_is_killed_fails_its_file_alone(texts, tmp_path):
    out = tmp_path / "out"
    for number in range(2):
        (texts / f"a{number}.txt").write_text("I am happy. " * 1000)
    process = start(texts, "--out", out, "--workers", 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.communicate()
        pytest.skip("the children of a process are not listed here")
    wait_for(lambda: len(_workers(children)) == 2, process)
    os.kill(int(_workers(children)[0]), signal.SIGKILL)
    _, told = process.communicate(timeout=120)
    failed = [line for line in told.decode().splitlines() if line.startswith("mien: ")]
    assert process.returncode == 1 and len(failed) == 2, told
    assert "the worker that read it was stopped from outside" in failed[0] and "1 of 7 inputs failed" in failed[1]
    assert len(results(out)) == 6


def _workers(children: Path) -> list[str]:
    """The workers among the children; the other child of a spawning process keeps track of its resources."""
    found = children.read_text().split()
    return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_standard_input_in_a_folder_run(examples, tmp_path):
    command = [sys.executable, "-m", "mien", "analyze", "-", str(examples / "letter.txt"), "--workers", "2", "--resume"]
    for _ in range(2):
        with (examples / "portrait.jpg").open("rb") as stream:
            done = subprocess.run([*command, "--out", str(tmp_path)], stdin=stream, capture_output=True)
        assert done.returncode == 0, done.stderr
    assert results(tmp_path) == ["letter.json", "stdin.json"]


def test_one_transcript_does_not_belong_to_many_recordings(mien, texts, examples):
    said = mien("analyze", texts, "--transcript", examples / "talking.srt")
    assert said.code == 2 and "put clip.srt beside clip.mp4" in said.err


def test_a_folder_that_cannot_be_listed_is_told(mien, texts, tmp_path, monkeypatch):
    (texts / "locked").mkdir()
    real = os.scandir

    def scandir(path="."):
        if str(path).endswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(os, "listdir", lambda path=".", real=os.listdir: [e.name for e in scandir(path)] and real(path))
    said = mien("analyze", texts, "--out", tmp_path / "out", "--quiet")
    assert said.code == 1 and "locked: cannot be read (Permission denied)" in said.err
    assert len(results(tmp_path / "out")) == 5
