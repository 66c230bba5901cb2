"""`mien score emer CLIPS --annotate FOLDER`, as a person types it."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def clips(tmp_path):
    path = tmp_path / "clips.csv"
    path.write_text("id,subtitle,visual\na,hello,He smiles and is happy.\n", encoding="utf-8")
    return path


def run(*words, cwd=None):
    done = subprocess.run([sys.executable, "-m", "mien", *map(str, words)], capture_output=True, cwd=cwd)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_it_says_what_it_waits_for_and_goes_on(clips, tmp_path):
    folder = tmp_path / "work"
    code, out, err = run("score", "emer", clips, "--annotate", folder)
    assert code == 0 and "1 wait for a person to sign the rows of check-1.csv" in out and not err
    sheet = folder / "check-1.csv"
    sheet.write_text(sheet.read_text("utf-8-sig").replace("happy.,,,", "happy.,,ann,"), encoding="utf-8")
    code, out, _ = run("score", "emer", clips, "--annotate", folder, "--json")
    told = {step["name"]: step for step in json.loads(out)["steps"]}
    assert code == 0 and told["check-1"]["done"] == 1 and told["check-2"]["waiting"] == ["a"]


def test_failures_are_exit_code_1(clips, tmp_path):
    clips.write_text(json.dumps([{"id": "a", "subtitle": "", "frames": ["none.jpg"]}]))
    clips = clips.rename(tmp_path / "clips.json")
    words = ("--judge", "http://127.0.0.1:9/v1", "--model", "m", "--cache", tmp_path / "cache")
    code, out, _ = run("score", "emer", clips, "--annotate", tmp_path / "work", *words)
    assert code == 1 and "1 failed (a: visual-clue:" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mvei", "CLIPS", "--annotate", "w"), "belongs to emer"),
        (("emer", "--annotate", "w"), "which clips"),
        (("emer", "CLIPS", "--annotate", "w", "--language", "latin"), "english, chinese"),
        (("emer", "CLIPS", "--annotate", "w", "--judge", "maybe"), "pipe:CMD"),
        (("emer", "CLIPS", "--annotate", "w", "--judge", "http://localhost/v1"), "--model"),
    ],
)
def test_wrong_requests(clips, tmp_path, words, said):
    code, out, err = run("score", *(clips if word == "CLIPS" else word for word in words), cwd=tmp_path)
    assert code == 2 and said in err and not out and err.count("\n") == 1
