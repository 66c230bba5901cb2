"""mien analyze --system: a trained system answers beside the senses, from the recording through its own encoders."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from mien import analyze
from mien.affect.space import Space
from mien.analysis.media.reader import open_recording
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Person, Span, Turn
from mien.cli import analyze as command
from mien.cli import train
from mien.errors import InputError, MissingExtra
from tests.research.made import made
from tests.research.test_data_backbones import vit
from tests.research.test_data_encoders import tone

pytest.importorskip("torch")

from mien.research.encoders.encode import pooled
from mien.research.sense import SystemSense
from mien.research.training.answering import answer

LABELS = ("happiness", "sadness")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A person's own folder of clips: eight of each label, four speakers."""
    here = tmp_path_factory.mktemp("own")
    with (here / "labels.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "file", "text", "label", "speaker"])
        for place in range(16):
            label = place % 2
            tone(here / f"{place}.wav", 180.0 + 120 * label + place, 1.2)
            out.writerow([f"c{place}", f"{place}.wav", ("so sad", "so glad")[label], LABELS[label], f"p{place // 4}"])
    return here


def trained(folder, out, system, *options):
    args = [system, "--data", f"folder:{folder}", "--out", str(out), "--epochs", "3", "--device", "cpu", "--quiet"]
    result = CliRunner().invoke(train.command, [*args, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def linear(folder, tmp_path_factory):
    """Voice and words, a vector each."""
    encode = ("--encode", "audio=mel", "--encode", "text=hash:width=64", "--pool", "mean_std")
    return trained(folder, tmp_path_factory.mktemp("linear") / "run", "linear", *encode)


@pytest.fixture(scope="module")
def sequence(folder, tmp_path_factory):
    """Voice alone, step by step."""
    return trained(folder, tmp_path_factory.mktemp("ef") / "run", "ef-lstm", "--encode", "audio=prosody:hop=4")


def test_the_folder_says_how_its_features_were_made(linear):
    run = json.loads((linear / "config.json").read_text())["run"]
    audio, text = run["encoders"]
    assert (audio["modality"], audio["name"], audio["version"], audio["takes"]) == ("audio", "mel", "1", "sound")
    assert text["options"] == {"width": 64} and text["settings"] == {"width": 64, "per": "text"}
    assert run["pool"] == "mean_std" and run["licence"] == ""
    assert "- audio: mel 1" in (linear / "README.md").read_text()


def test_it_answers_each_moment_beside_the_senses(linear, examples):
    sense = SystemSense(linear)
    plain, told = analyze(examples / "talking.mp4"), analyze(examples / "talking.mp4", senses=[sense])
    assert len(told.affects) == len(plain.affects)
    for before, after in zip(plain.affects, told.affects, strict=True):
        assert after.distribution == before.distribution and after.evidence == before.evidence
    said = [item for affect in told.affects for item in affect.beside]
    assert {item.modality for item in said} <= {"text+audio", "audio", "text"} and "text+audio" in {
        item.modality for item in said
    }
    for item in said:
        assert item.model == sense.model and item.distribution.space.labels == LABELS and item.quality == 0
        assert item.readings[0].space.name == "basic7"
        assert item.readings[0]["happiness"] == pytest.approx(item.distribution["happiness"])
    guest = told.guests[0]
    assert guest.system == "linear" and guest.terms.startswith("not stated") and guest.nearness == "published"
    assert guest.reads[0] == "audio: mel 1, trim=True, level=True, hop=1, pooled: mean_std" and guest.lacks == ()
    assert dict(told.versions)[sense.model].startswith("beside, not fused: not stated")
    again = analyze(examples / "talking.mp4", senses=[SystemSense(linear)])
    assert again.to_json() == told.to_json()


def test_a_whole_clip_is_answered_as_predict_answers_it(linear, folder):
    """What the sense computes of a clip's own sound is what training computed of it."""
    from mien.research.encoders import encoder
    from mien.research.encoders.material import sound
    from mien.research.samples import Clip, Sample

    sense = SystemSense(linear)
    wave = sound(Clip(str(folder / "0.wav")))
    rows = pooled(encoder("mel").read(wave), "mean_std")
    expected = answer(sense._trained.method, [Sample("x", "g", {"audio": rows}, 0)])[0]
    again = pooled(sense._encoders["audio"].read(wave), sense._pool)
    np.testing.assert_allclose(answer(sense._trained.method, [Sample("x", "g", {"audio": again}, 0)])[0], expected)


def test_what_a_recording_lacks_is_absent_not_zero(linear, examples):
    silent = analyze(examples / "letter.txt", senses=[SystemSense(linear)])
    assert {item.modality for affect in silent.affects for item in affect.beside} == {"text"}
    unheard = analyze(examples / "portrait.jpg", senses=[SystemSense(linear)])
    assert all(affect.beside == () for affect in unheard.affects) and unheard.guests
    assert "had nothing to read" in unheard.describe()


def test_a_sequence_system_on_a_conversation(sequence, examples):
    told = analyze(examples / "dialogue.flac", senses=[SystemSense(sequence)])
    said = [item for affect in told.affects for item in affect.beside]
    assert len(said) == len(told.affects) and all(item.modality == "audio" for item in said)
    assert "heard" in {cue.name for cue in said[0].cues}


@pytest.mark.parametrize("encoder", ["orientation", "hf"])
def test_faces_are_answered_one_by_one(encoder, tmp_path, examples):
    """A system of single pictures: each look of a span by itself, the answers averaged."""
    name = encoder if encoder == "orientation" else f"hf:{vit(tmp_path / 'vit')}"
    rng = np.random.default_rng(0)
    rows = ["id,face,label,speaker"]
    for place in range(12):
        Image.fromarray(rng.integers(0, 255, (48, 48), dtype=np.uint8)).save(tmp_path / f"{place}.png")
        rows.append(f"c{place},{place}.png,{LABELS[place % 2]},p{place // 3}")
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    sense = SystemSense(trained(tmp_path, tmp_path / "run", "linear", "--encode", f"face={name}"))
    (still,) = analyze(examples / "portrait.jpg", senses=[sense]).affects[0].beside
    assert still.modality == "face" and still.cues[0].text == "1 picture of the face"
    (moving,) = analyze(examples / "smile.mp4", senses=[sense]).affects[0].beside
    assert moving.cues[0].value == 8 and float(moving.distribution.values.sum()) == pytest.approx(1)


def test_a_dialogue_system_reads_the_turns_as_one_dialogue(folder, tmp_path, examples):
    sense = SystemSense(trained(folder, tmp_path / "run", "dialogue-gru", "--encode", "audio=mel", "--pool", "mean"))
    told = analyze(examples / "dialogue.flac", senses=[sense])
    assert all(len(affect.beside) == 1 for affect in told.affects) and len(told.affects) > 4


def test_too_little_speech_is_said_not_answered(sequence):
    """Half a second of a voice, as a turn of its own."""
    rate = 16_000
    wave = np.sin(2 * np.pi * 180 * np.arange(rate // 2) / rate).astype(np.float32) * 0.3
    recording = open_recording(wave, rate=rate)
    moments = Moments(recording, (Person("P1", (), "V1"),), ((0.0, 0.4),), (Turn(0.0, 0.4, "V1"),))
    (told,) = SystemSense(sequence).read(moments, [Span(0.0, 0.4, "P1"), Span(2.0, 3.0, "P1")])
    assert told.distribution is None and told.modality == "audio"
    assert told.insufficient == "too short: 0.4 s of speech, 0.6 s needed"


@pytest.mark.parametrize("workers", [1, 2])
def test_the_command(linear, examples, tmp_path, workers):
    clips = [str(examples / "talking.mp4"), str(examples / "letter.txt")]
    options = ["--system", str(linear), "--out", str(tmp_path), "--report", "--quiet", "--workers", str(workers)]
    assert CliRunner().invoke(command.command, [*clips, *options], catch_exceptions=False).exit_code == 0
    told = json.loads((tmp_path / "talking.json").read_text())
    assert told["guests"][0]["system"] == "linear" and told["affects"][-1]["beside"]
    assert "Beside the answer: linear" in (tmp_path / "talking.html").read_text()
    before = (tmp_path / "letter.json").stat().st_mtime_ns
    without = [part for part in options if part not in ("--system", str(linear))]
    CliRunner().invoke(command.command, [*clips, *options, "--resume"], catch_exceptions=False)
    assert (tmp_path / "letter.json").stat().st_mtime_ns == before
    CliRunner().invoke(command.command, [*clips, *without, "--resume"], catch_exceptions=False)
    assert "guests" not in json.loads((tmp_path / "letter.json").read_text())


def call(*args):
    return CliRunner().invoke(command.command, [str(arg) for arg in args], catch_exceptions=False)


def test_features_that_no_recording_gives_are_named(tmp_path, examples):
    from mien.research.datasets.pack import save_pack

    save_pack(made(n=24), tmp_path / "made.npz")
    args = ["linear", "--data", tmp_path / "made.npz", "--out", tmp_path / "run", "--epochs", 1, "--device", "cpu"]
    CliRunner().invoke(train.command, [*map(str, args), "--pool", "mean"], catch_exceptions=False)
    with pytest.raises(InputError, match=r"came with made: text \(7 wide\), audio \(5 wide\), face .*--encode audio"):
        call(examples / "talking.mp4", "--system", tmp_path / "run")


def test_folders_that_are_none(linear, tmp_path, examples):
    with pytest.raises(InputError, match=r"is no trained system: it has no config\.json; train one"):
        call(examples / "talking.mp4", "--system", tmp_path)
    told = json.loads((linear / "config.json").read_text())
    told["run"]["encoders"][0]["version"] = "0"
    (tmp_path / "config.json").write_text(json.dumps(told))
    (tmp_path / "model.safetensors").write_bytes((linear / "model.safetensors").read_bytes())
    with pytest.raises(InputError, match="made by encoder mel with version 0, this Mien's has 1; train again"):
        call(examples / "talking.mp4", "--system", tmp_path)
    del told["run"]["encoders"]
    (tmp_path / "config.json").write_text(json.dumps(told))
    with pytest.raises(InputError, match="reads features that no recording gives"):
        call(examples / "talking.mp4", "--system", tmp_path)


def test_without_torch(linear, examples, monkeypatch):
    real = find_spec
    monkeypatch.setattr(
        "mien.cli.research.importlib.util.find_spec", lambda name: None if name == "torch" else real(name)
    )
    with pytest.raises(MissingExtra, match=r'--system needs torch and safetensors: pip install "mien\[train\]"'):
        call(examples / "talking.mp4", "--system", linear)


@pytest.mark.parametrize(
    "labels, way", [(("joy", "sorrow"), False), (LABELS, True), (("anger", "fear", "boredom"), False)]
)
def test_labels_are_mapped_by_their_names_or_left_as_they_are(labels, way):
    from mien.research.sense import _way

    assert (_way(Space("own", labels, "categorical", "mine")) is not None) == way
