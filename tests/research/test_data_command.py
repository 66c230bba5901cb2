"""mien data: list, describe, check and encode, their output and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import wave

import numpy as np
import pytest
from click.testing import CliRunner

from mien.cli.data import command
from mien.errors import RequestError
from mien.research.datasets import ADAPTERS, recognise
from mien.research.datasets.pack import load_pack


def run(*arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


def mien(*arguments):
    return subprocess.run([sys.executable, "-m", "mien", "data", *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture
def corpus(tmp_path):
    for speaker in ("03", "12", "15"):
        for letter in "WFN":
            for version in "ab":
                values = (
                    np.random.default_rng(int(speaker) * 1000 + ord(letter) * 2 + ord(version) % 2).normal(size=4000)
                    * 3000
                ).astype("<i2")
                with wave.open(str(tmp_path / f"{speaker}a01{letter}{version}.wav"), "wb") as out:
                    out.setnchannels(1)
                    out.setsampwidth(2)
                    out.setframerate(16000)
                    out.writeframes(values.tobytes())
    return tmp_path


def test_list_and_describe_tell_every_data_set():
    listed = run("list")
    assert listed.exit_code == 0 and all(name in listed.stdout for name in ADAPTERS)
    assert [one["name"] for one in json.loads(run("list", "--json").stdout)] == list(ADAPTERS)
    told = run("describe", "mosi-62").stdout
    assert "Licence:" in told and "62/31" in told and "Defaults: label=binary" in told
    assert json.loads(run("describe", "wesad", "--json").stdout)["defaults"]["window"] == 60.0


def test_check_counts_and_lets_a_sound_copy_through(corpus):
    found = run("check", corpus)
    assert found.exit_code == 0, found.output
    assert (
        "emodb: 18 samples, 3 groups, 3 speakers" in found.stdout and "parts: train 6, valid 6, test 6" in found.stdout
    )
    assert "nothing refuses" in found.stdout
    told = json.loads(run("check", corpus, "--json").stdout)
    assert told["counts"]["parts"] == {"train": 6, "valid": 6, "test": 6} and told["data"] == "emodb"


def test_check_finds_a_recording_in_two_parts_and_missing_files(corpus):
    (corpus / "15a01Wa.wav").write_bytes((corpus / "03a01Wa.wav").read_bytes())
    found = run("check", corpus)
    assert found.exit_code == 1 and "REFUSED: 1 recordings" in found.stdout and "[repeated-files]" in found.stdout
    allowed = run("check", corpus, "--allow", "repeated-files")
    assert allowed.exit_code == 0 and "allowed: 1 recordings" in allowed.stdout
    (corpus / "labels.csv").write_text("file,label\n03a01Wa.wav,a\nnone.wav,b\n")
    missing = run("check", corpus, "--data", "folder")
    assert missing.exit_code == 1 and "none.wav" in missing.stdout and "[missing-files]" in missing.stdout


def test_encode_writes_a_pack_to_train_on(corpus):
    pack = corpus / "out.npz"
    made = run(
        "encode", corpus, pack, "--with", "audio=mel:hop=2", "--store", corpus / "store", "--pool", "mean", "--quiet"
    )
    assert made.exit_code == 0, made.output
    data = load_pack(pack)
    assert data.shape().widths == {"audio": 64} and data.parts["train"] == tuple(range(6))
    assert any("'hop': 2" in note for note in data.notes)
    assert run("check", pack).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("check", "/nowhere"), 1, "is not there"),
        (("describe", "nothing"), 2, "data sets: emodb"),
        (("check", ".", "--data", "emodb", "--set", "votes"), 2, "is no KEY=VALUE"),
        (("check", ".", "--data", "emodb", "--set", "a=b"), 2, "no option 'a'"),
        (("encode", ".", "x.npz", "--data", "emodb", "--with", "audio=whisper"), 1, "clips of EMO-DB"),
    ],
)
def test_exit_codes_and_one_line(arguments, code, said, tmp_path):
    found = subprocess.run(
        [sys.executable, "-m", "mien", "data", *arguments], capture_output=True, text=True, cwd=tmp_path
    )
    assert found.returncode == code and said in found.stderr and found.stderr.count("\n") == 1, found.stderr


def test_an_allowed_code_that_does_not_exist(corpus):
    found = mien("check", corpus, "--allow", "all")
    assert found.returncode == 2 and "shared-groups" in found.stderr


def test_data_sets_need_neither_torch_nor_pandas():
    code = (
        "import sys; from mien.research.datasets import ADAPTERS, adapter, audit\n"
        "[adapter(name) for name in ADAPTERS]\n"
        "print(sorted({'torch', 'pandas', 'pyarrow', 'onnxruntime', 'scipy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_votes_in_a_file_of_one_name_are_told_apart_by_their_columns(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    tables = {
        "crema-d-votes": {"clip": ["1001_X"], "modality": ["voice"], "A": [1]},
        "ferplus": {"row": [1], "usage": ["Training"], "neutral": [9]},
    }
    for name, columns in tables.items():
        file = tmp_path / name / "votes.parquet"
        file.parent.mkdir()
        parquet.write_table(arrow.table(columns), file)
        assert recognise(file.parent) == recognise(file) == name


def test_a_table_beside_a_known_data_set_is_not_passed_over(tmp_path):
    """Clips of a known data set with labels of one's own: whose labels are meant is for the person to say."""
    (tmp_path / "03a01Fa.wav").write_bytes(b"")
    assert recognise(tmp_path) == "emodb"
    (tmp_path / "labels.csv").write_text("file,label,speaker\n03a01Fa.wav,joy,a\n03a01Wa.wav,rage,b\n")
    with pytest.raises(RequestError, match="could be emodb, folder; give the data set by name"):
        recognise(tmp_path)
    for told in ((f"folder:{tmp_path}",), (tmp_path, "--data", "folder")):
        assert "joy" in run("check", *told, "--no-files").stdout
