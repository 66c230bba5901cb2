"""The walk of docs/train.md, run as a reader would paste it, on made-up clips named as EMO-DB's are."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PITCHES = {"W": 240, "L": 90, "E": 150, "A": 320, "F": 400, "T": 110, "N": 180}


def tone(path: Path, hertz: float) -> None:
    t = np.arange(8000) / 16000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes((8000 * np.sin(2 * np.pi * hertz * t)).astype("<i2").tobytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus, own = tmp_path / "path" / "to" / "emodb" / "wav", tmp_path / "recordings"
    corpus.mkdir(parents=True)
    own.mkdir()
    for place, speaker in enumerate(["03", "08", "09", "10", "11", "12", "13", "14", "15", "16"]):
        for letter, hertz in PITCHES.items():
            tone(corpus / f"{speaker}a01{letter}a.wav", hertz + 7 * place)
    rows = ["file,label,speaker"]
    for place in range(24):
        tone(own / f"{place}.wav", 120 + 100 * (place % 2) + place)
        rows.append(f"{place}.wav,{('sadness', 'anger')[place % 2]},p{place // 3}")
    (own / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    shutil.copy(ROOT / "examples" / "two_people.mp4", tmp_path / "interview.mp4")
    return tmp_path


def test_the_walk_does_what_the_page_says(folder: Path) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / "train.md").read_text("utf-8"))
    walk, shown, own, python = (text for _, text in blocks)
    commands = [line.partition(" #")[0].split() for line in (walk + own).splitlines()]
    assert len(commands) == 6 and all(command[0] == "mien" for command in commands)
    said = {}
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=folder, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        said[command[1]] = done.stdout
    table = said["evaluate"].splitlines()
    assert table[0].split() == shown.splitlines()[0].split() and table[2].split()[0] == shown.split()[6]
    assert "concat-mlp" in said["analyze"]
    done = subprocess.run(
        [sys.executable, "-c", python], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "runs" / "mine" / "model.safetensors").exists()
