"""`mien models add voice`: a checkpoint read without torch, its layers as ONNX, and what is refused."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from checkpoints import checkpoint, encoder, number, text
from click.testing import CliRunner

import mien
from mien.affect.space import space
from mien.analysis.checkpoint import read_tensors
from mien.analysis.media.reader import open_recording
from mien.analysis.media.sound import set_level
from mien.analysis.models import models
from mien.analysis.moments.addvoice import add_voice, added_voice
from mien.analysis.moments.encoder import linear_mel, voice_states
from mien.analysis.senses.speech import MODEL, classify, model_in_use
from mien.cli.main import cli
from mien.errors import InputError

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def weights():
    return encoder(np.random.default_rng(0))


def wheel(path: Path, data: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("resemblyzer/pretrained.pt", data)
    return path


def lstm(mel, weights, layers=2):
    """The layers in plain NumPy, gates as torch orders them."""
    states = mel.astype(np.float64)
    for place in range(layers):
        w, r, b, c = (weights[f"lstm.{n}_l{place}"] for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        hidden, cell, out = np.zeros(256), np.zeros(256), []
        for frame in states:
            first, forget, new, last = np.split(w @ frame + b + r @ hidden + c, 4)
            cell = cell / (1 + np.exp(-forget)) + np.tanh(new) / (1 + np.exp(-first))
            hidden = np.tanh(cell) / (1 + np.exp(-last))
            out.append(hidden)
        states = np.array(out)
    return states


def voiced(seconds: float, hertz: float = 140.0) -> np.ndarray:
    time = np.arange(round(seconds * 16_000)) / 16_000
    tone = sum(np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, 12))
    return (0.1 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))).astype(np.float32)


def test_the_added_layers_answer_as_they_were_saved(weights, tmp_path):
    assert add_voice(wheel(tmp_path / "a.whl", checkpoint(weights))) == added_voice()
    pieces = [voiced(0.3), voiced(0.5, 220.0)]
    together = voice_states(pieces)
    for piece, states in zip(pieces, together, strict=True):
        wanted = lstm(linear_mel(set_level(piece, rms=0.0316)), weights)
        np.testing.assert_allclose(states, wanted, atol=2e-5)
        np.testing.assert_allclose(voice_states([piece * np.float32(0.01)])[0], wanted, atol=2e-4)


def test_the_bands_are_slaneys():
    # A tone in the middle of a band lands there, with Slaney's unit area: 2 / width at the peak.
    step = np.log(6.4) / 27
    for band, centre in ((5, 200 / 3 * 6 * (15 + np.log(8) / step) / 41), (30, None)):
        mel = 31 * (15 + np.log(8) / step) / 41
        hertz = centre if centre is not None else 1000 * np.exp(step * (mel - 15))
        tone = np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000).astype(np.float32)
        frames = linear_mel(tone)
        assert frames.shape == (101, 40)
        assert frames[20:80].mean(axis=0).argmax() == band


def test_the_result_says_which_model_answered_and_goes_back_when_the_file_is_gone(weights, tmp_path):
    runner = CliRunner()
    path = wheel(tmp_path / "resemblyzer-0.1.4-py3-none-any.whl", checkpoint(weights))
    before = mien.analyze(EXAMPLES / "talking.mp4", modalities=["audio"])
    assert {item.model for affect in before.affects for item in affect.evidence} == {MODEL}
    found = runner.invoke(cli, ["models", "add", "voice", "--from", str(path)])
    assert found.exit_code == 0 and str(added_voice()) in found.output
    after = mien.analyze(EXAMPLES / "talking.mp4", modalities=["audio"])
    assert {item.model for affect in after.affects for item in affect.evidence} == {"speech-encoder-1"}
    assert dict(after.versions)["speech-encoder-1"].startswith("non-commercial")
    assert (
        model_in_use() in {model.id for model in models()} and model_in_use() in runner.invoke(cli, ["models"]).output
    )
    assert str(added_voice()) in runner.invoke(cli, ["doctor"]).output
    barred = mien.analyze(EXAMPLES / "talking.mp4", modalities=["audio"], licence="permissive")
    assert not [item for affect in barred.affects for item in affect.evidence]
    assert any("speech-encoder-1" in notice.text for notice in barred.warnings if notice.code == "licence")
    added_voice().unlink()
    again = mien.analyze(EXAMPLES / "talking.mp4", modalities=["audio"])
    assert [affect.evidence for affect in again.affects] == [affect.evidence for affect in before.affects]


def test_answers_are_distributions_whoever_is_heard_beside(weights, tmp_path):
    add_voice(wheel(tmp_path / "a.whl", checkpoint(weights)))
    clips = [voiced(0.8), voiced(5.0, 180.0), voiced(1.3, 230.0)]
    reading = classify(clips)
    assert reading.probabilities.shape == (3, 7) and np.allclose(reading.probabilities.sum(axis=1), 1)
    assert np.abs(reading.arousal).max() <= 1 and len(reading.hidden) == 3
    for clip, told in zip(clips, reading.told, strict=True):
        assert told.shape[1] == 7 and abs(len(told) - len(clip) / 1280) < 4
    alone = np.concatenate([classify([clip]).probabilities for clip in clips])
    np.testing.assert_allclose(reading.probabilities, alone, atol=1e-5)


def test_a_damaged_added_file_is_told_and_the_shipped_model_answers():
    added_voice().parent.mkdir(parents=True)
    added_voice().write_bytes(b"not a network")
    analysis = mien.analyze(EXAMPLES / "talking.mp4", modalities=["audio"])
    assert {item.model for affect in analysis.affects for item in affect.evidence} == {MODEL}
    assert [notice.code for notice in analysis.warnings if "encoder" in notice.code] == ["voice-encoder-broken"]
    assert "broken" in CliRunner().invoke(cli, ["doctor"]).output


def test_what_is_no_wheel_of_the_encoder_is_refused_in_one_line(weights, tmp_path):
    data = checkpoint(weights)
    (tmp_path / "text.whl").write_text("hello")
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as packed:
        packed.writestr("a.py", b"1")
    small = checkpoint({name: values for name, values in weights.items() if name != "lstm.bias_hh_l1"})
    narrow = checkpoint(weights | {"lstm.weight_ih_l0": np.zeros((1024, 80), np.float32)})
    broken = checkpoint(weights | {"lstm.bias_ih_l0": np.full(1024, np.nan, np.float32)})
    cases = {
        tmp_path / "text.whl": "cannot be read as a wheel",
        tmp_path / "absent.whl": "cannot be read as a wheel",
        tmp_path / "other.whl": "holds no pretrained.pt; give the wheel of Resemblyzer 0.1.4",
        wheel(tmp_path / "short.whl", data[: len(data) // 2]): "ends early",
        wheel(tmp_path / "head.whl", data[:400]): "damaged",
        wheel(tmp_path / "small.whl", small): "bias_hh_l1 is missing",
        wheel(tmp_path / "narrow.whl", narrow): r"float32 \(1024, 80\), expected float32 \(1024, 40\)",
        wheel(tmp_path / "nan.whl", broken): "bias_ih_l0",
        wheel(tmp_path / "zip.whl", zipped()): "no torch checkpoint of the old form|damaged",
        wheel(tmp_path / "bomb.whl", bytes(70 << 20)): "larger than 64 MiB",
    }
    for path, why in cases.items():
        with pytest.raises(InputError, match=why) as told:
            add_voice(path)
        assert "\n" not in str(told.value)
    assert not added_voice().exists()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("archive/data.pkl", b"\x80\x02}.")
    return stream.getvalue()


def test_nothing_in_a_checkpoint_is_run(weights, tmp_path):
    few = {"lstm.bias_ih_l0": weights["lstm.bias_ih_l0"]}
    touch = text("x") + b"cos\nsystem\n(" + text(f"touch {tmp_path / 'run'}") + b"tR"
    with pytest.raises(ValueError, match=r"os\.system"):
        read_tensors(checkpoint(few, more=touch), "model_state")
    with pytest.raises(ValueError, match="opcode INST"):
        read_tensors(checkpoint(few, more=text("x") + b"(" + text("true") + b"ios\nsystem\n"), "model_state")
    with pytest.raises(ValueError, match=r"builtins\.eval"):
        read_tensors(checkpoint(few, call=b"cbuiltins\neval\n"), "model_state")
    with pytest.raises(ValueError, match="out of bounds"):
        read_tensors(checkpoint(few, more=text("x") + number(1) + b"r\xff\xff\xff\x7f"), "model_state")
    assert not (tmp_path / "run").exists()
    assert read_tensors(checkpoint(few), "model_state")["lstm.bias_ih_l0"].tolist() == few["lstm.bias_ih_l0"].tolist()


@pytest.fixture(scope="module")
def real():
    """The wheel that MIEN_VOICE_WHEEL names."""
    named = os.environ.get("MIEN_VOICE_WHEEL")
    if not named:
        pytest.skip("set MIEN_VOICE_WHEEL to the wheel of Resemblyzer 0.1.4 to test the added encoder itself")
    return named


def test_the_real_encoder_reads_feeling_in_the_samples(real, shared):
    """The twelve single-voice samples; most of their speakers also trained the head, so this only shows that it works."""
    path = add_voice(real)
    assert path.stat().st_size < 4 << 20 and model_in_use() == "speech-encoder-1"
    labels = {"surprised": "surprise", "angry": "anger", "sad": "sadness"}
    folder, names, clips = shared / "data" / "samples" / "speech", [], []
    for file in sorted(folder.glob("*.wav")):
        if not file.name.startswith("ravdess"):
            word = file.stem.split("_")[3 if file.name.startswith("tess") else 2]
            names.append(labels.get(word, word))
            blocks = open_recording(str(file)).audio(16_000)
            clips.append(np.concatenate([block.samples for block in blocks]))
    reading = classify(clips)
    top = [space("basic7").labels[place] for place in reading.probabilities.argmax(axis=1)]
    assert np.mean([one == other for one, other in zip(top, names, strict=True)]) >= 0.6
