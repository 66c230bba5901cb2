"""MMMO as released, items put together from several data sets, and options behind a path."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from mien.analysis.senses.face import HIDDEN
from mien.cli.data import command
from mien.errors import DataError, InputError, RequestError
from mien.research.datasets import load, parted, recognise
from mien.research.datasets.audit import audit
from mien.research.encoders import encoder
from mien.research.encoders.encode import encode

WIDE = {"audio": 74, "video": 36}


def made_mmmo(folder, reviews=(6, 3, 4)):
    h5py = pytest.importorskip("h5py")
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for part, count in zip(("train", "valid", "test"), reviews, strict=True):
        for kind, width in WIDE.items():
            rows = rng.normal(size=(count, 20, width))
            rows[:, :2] = 0  # padding in front of all
            if kind == "video":
                rows[0, 7] = 0  # a face that was not found
                rows[1] = 0  # no face at all
            with h5py.File(folder / f"{kind}_{part}.h5", "w") as file:
                file["d1"] = rows
        with h5py.File(folder / f"y_{part}.h5", "w") as file:
            file["d1"] = np.resize([1.0, 3.0, 4.5, 5.0], count)
    return folder


def test_mmmo_cuts_padding_off_and_marks_what_was_not_seen(tmp_path):
    made_mmmo(tmp_path / "new_data" / "mmmo")
    data = load("mmmo", tmp_path)
    assert recognise(tmp_path) == "mmmo"
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 6, "valid": 3, "test": 4}
    first, second = data.samples[:2]
    assert first.features["audio"].shape == (18, 74) and first.features["face"].shape == (18, 36)
    assert np.flatnonzero(~first.seen["face"]).tolist() == [5] and "audio" not in first.seen
    assert set(second.features) == {"audio"}
    assert first.target.tolist() == [1.0] and data.space.high == 5
    signs = load("mmmo", f"{tmp_path}?label=sign&modalities=audio")
    assert signs.space.labels == ("negative", "positive") and set(signs.shape().widths) == {"audio"}
    assert "reviews of exactly 3 are left out" in signs.notes[1]
    with pytest.raises(InputError, match=r"text_train_emb.h5: is not there"):
        load("mmmo", tmp_path, modalities="audio,text")


def test_a_wrong_hdf5_file_is_one_line(tmp_path):
    h5py = pytest.importorskip("h5py")
    folder = made_mmmo(tmp_path / "sound")
    whole = (folder / "audio_train.h5").read_bytes()
    (folder / "audio_train.h5").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"audio_train.h5: was cut short"):
        load("mmmo", folder)
    (folder / "audio_train.h5").unlink()
    with h5py.File(folder / "audio_train.h5", "w") as file:
        file["d1"] = h5py.ExternalLink(str(folder / "audio_test.h5"), "/d1")
    with pytest.raises(InputError, match=r"d1: is a link to another place, which is not followed"):
        load("mmmo", folder)
    (folder / "audio_train.h5").write_bytes(b"no such thing")
    with pytest.raises(InputError, match="cannot be read as HDF5"):
        load("mmmo", folder)
    (folder / "audio_train.h5").unlink()
    with h5py.File(folder / "audio_train.h5", "w") as file:
        file["d1"] = np.zeros((6, 20, 5))
    with pytest.raises(DataError, match=r"has shape \(6, 20, 5\), \(6, steps, 74\) is MMMO's"):
        load("mmmo", folder)
    (folder / "audio_train.h5").unlink()
    with h5py.File(folder / "audio_train.h5", "w", track_order=True) as file:
        space, kind = h5py.h5s.create_simple((1 << 20, 1 << 14)), h5py.h5t.NATIVE_DOUBLE
        h5py.h5d.create(file.id, b"d1", kind, space)  # declares 128 GiB, holds none
    with pytest.raises(InputError, match=r"128.0 GiB, more than 8.0 are read"):
        load("mmmo", folder)


@pytest.mark.skipif("MIEN_MMMO" not in os.environ, reason="needs MIEN_MMMO, a copy of MFN's new_data/mmmo")
def test_mmmo_as_released():
    data = load("mmmo", os.environ["MIEN_MMMO"])
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 220, "valid": 40, "test": 80}
    assert not audit(data).refused
    unseen = [1 - one.seen["face"].mean() if "face" in one.seen else 0.0 for one in data.samples]
    assert 0.05 < np.mean(unseen) < 0.2


@pytest.fixture
def sources(tmp_path):
    """Voices of seven people with parts, faces without, and texts of the layout of GoEmotions."""
    from PIL import Image

    rng, basics = np.random.default_rng(0), ("neutral", "anger", "fear", "sadness", "surprise", "happiness", "disgust")
    for name, people in (("voices", 6), ("faces", 30)):
        (tmp_path / name).mkdir()
        rows = []
        for who in range(people):
            for label in basics:
                file = f"{who}_{label}.png"
                Image.fromarray(rng.integers(0, 255, (48, 48), np.uint8)).save(tmp_path / name / file)
                rows.append([file if name == "faces" else "", file if name == "voices" else "", label, f"p{who}",
                             ("train", "valid", "test")[who % 3] if name == "voices" else ""])  # fmt: skip
        with open(tmp_path / name / "labels.csv", "w", newline="") as out:
            csv.writer(out).writerows([["face", "audio", "label", "speaker", "split"], *rows])
    (tmp_path / "texts").mkdir()
    codes = {"neutral": 27, "anger": 2, "fear": 14, "sadness": 25, "surprise": 26, "happiness": 17, "disgust": 11}
    for part in ("train", "dev", "test"):
        lines = [f"{part} says {label[:-1]} number {n} out loud\t{code}\t{part}{label}{n}" for label, code in codes.items()
                 for n in range(3)]  # fmt: skip
        both = [f"two at once {part}\t2,14\t{part}x", "the same words stand in every part\t2\t" + part + "y"]
        (tmp_path / "texts" / f"{part}.tsv").write_text("\n".join([*lines, *both]) + "\n")
    return tmp_path


GIVEN = {"audio": "folder:voices", "face": "folder:faces", "text": "goemotions:texts"}


def used(data, part, what):
    return {what(data.samples[row]) for row in data.parts[part]}


def test_constructed_items_share_one_label_and_no_person_face_or_text_is_in_two_parts(sources):
    data = load("constructed", sources, **GIVEN)
    assert data.name == "constructed-folder+goemotions" and data.notes[0].startswith("CONSTRUCTED")
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 14, "valid": 14, "test": 14}
    for what in (lambda one: one.group, lambda one: one.clips["audio"].path, lambda one: one.clips["face"].path,
                 lambda one: one.words):  # fmt: skip
        parts = [used(data, part, what) for part in ("train", "valid", "test")]
        assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    for one in data.samples:
        name = data.space.labels[int(one.target)]
        assert Path(one.clips["audio"].path).stem.endswith(name) and Path(one.clips["face"].path).stem.endswith(name)
        assert name[:-1] in one.words or "the same words" in one.words
        assert dict(one.labels) == dict.fromkeys(("audio", "face", "text"), int(one.target))
    assert not any(
        "the same words" in one for part in ("train", "valid") for one in used(data, part, lambda s: s.words)
    )
    again = load("constructed", sources, **GIVEN)
    assert [one.words for one in again.samples] == [one.words for one in data.samples]
    assert [one.words for one in load("constructed", sources, seed=1, **GIVEN).samples] != [
        one.words for one in data.samples
    ]
    found = audit(data)
    assert not found.refused, found.refused


def test_pieces_come_again_only_when_all_were_used_and_the_notes_say_so(sources):
    data = load("constructed", sources, repeat=4, **GIVEN)
    texts = Counter(data.samples[row].words for row in data.parts["train"] if data.samples[row].target == 0)
    assert sorted(texts.values()) == [2, 3, 3]
    assert any("train: 3 text pieces of" in note and "each used about 2.7 times" in note for note in data.notes)


def test_a_conflict_shows_another_label_in_one_modality(sources):
    data = load("constructed", sources, conflict=0.5, repeat=4, **GIVEN)
    assert data.name.startswith("constructed-conflict-")
    odd = {part: [sum(label != data.samples[row].target for label in data.samples[row].labels.values()) for row in rows]
           for part, rows in data.parts.items()}  # fmt: skip
    assert sum(odd["train"]) == 0 and Counter(odd["test"]) == {0: 28, 1: 28}
    for row in data.parts["test"]:
        one = data.samples[row]
        heard = data.space.labels[one.labels["audio"]]
        assert Path(one.clips["audio"].path).stem.endswith(heard)
    two = load("constructed", sources, conflict=1.0, where="all", audio="folder:voices", face="folder:faces", text="")
    assert all(len(set(one.labels.values())) == 2 for one in two.samples) and not two.samples[0].words


def test_compounds_take_the_voice_of_one_emotion_and_the_face_of_the_other(sources):
    data = load("constructed", sources, label="compound", repeat=3, **GIVEN)
    assert data.space.name == "cexpr7" and data.name.startswith("constructed-compound-")
    heard = Counter()
    for one in data.samples:
        shown = [Path(one.clips[name].path).stem.partition("_")[2] for name in ("audio", "face")]
        heard[data.space.labels[int(one.target)], shown[0]] += 1
        first, second = data.space.labels[int(one.target)].split()
        stems = {"happily": "happ", "sadly": "sad", "angrily": "ang", "fearfully": "fear", "disgustedly": "disgust",
                 "surprised": "surprise", "angry": "ang", "fearful": "fear"}  # fmt: skip
        wanted = {stems[first], stems[second]}
        assert {stem for stem in wanted for name in shown if name.startswith(stem)} == wanted
    assert len(heard) == 14  # both ways round for each compound


def test_what_cannot_be_put_together_is_one_line(sources):
    with pytest.raises(RequestError, match="NAME:PATH or NAME:PATH@PART"):
        load("constructed", sources, audio="voices", face="folder:faces", text="")
    with pytest.raises(RequestError, match="has the parts train, valid, test, not 'dev'"):
        load("constructed", sources, **GIVEN | {"text": "goemotions:texts@dev"})
    with pytest.raises(RequestError, match="labels contempt: not in every source"):
        load("constructed", sources, labels="anger,contempt", **GIVEN)
    with pytest.raises(InputError, match="audio=folder:nowhere"):
        load("constructed", sources, **GIVEN | {"audio": "folder:nowhere"})
    with pytest.raises(RequestError, match="needs a face"):
        load("constructed", sources, label="compound", audio="folder:voices", face="", text="goemotions:texts")
    with pytest.raises(RequestError, match="need audio and face or text"):
        load("constructed", sources, audio="", face="folder:faces", text="goemotions:texts")
    only = load("constructed", sources, labels="anger,sad,joy", **GIVEN | {"text": "goemotions:texts@train"})
    assert {only.space.labels[int(one.target)] for one in only.samples} == {"anger", "sadness", "happiness"}
    assert all(one.words.startswith(("train says", "the same")) for one in only.samples)


def test_options_behind_a_path(sources):
    source = "constructed:" + str(sources) + "?" + "&".join(f"{key}={value}" for key, value in GIVEN.items())
    name, _, path = source.partition(":")
    assert len(load(name, path + "&labels=anger,fear").samples) == 12
    assert load(name, path + "&conflict=1", conflict=0.0).name == "constructed-folder+goemotions"
    odd = sources / "what?a=b"
    odd.mkdir()
    assert parted(odd) == (odd, {})
    with pytest.raises(RequestError, match="behind the"):
        load("constructed", f"{sources}?conflict")
    with pytest.raises(RequestError, match="no option 'colour'"):
        load("constructed", f"{sources}?colour=red")
    found = CliRunner().invoke(command, ["check", path, "--data", "constructed"])
    assert found.exit_code == 0, found.output
    assert "constructed-folder+goemotions: 42 samples" in found.stdout and "CONSTRUCTED items" in found.stdout


def test_faces_as_sequences(sources):
    data = load("constructed", sources, labels="anger,fear", **GIVEN)
    ways = {"face": encoder("expression", views=9), "text": encoder("hash", width=32, per="word")}
    ready = encode(data, ways)
    rows = ready.samples[0].features
    assert rows["face"].shape == (9, HIDDEN) and rows["text"].shape[1] == 32 and len(rows["text"]) > 4
    alone = encode(data, {"face": encoder("expression")}).samples[0].features["face"]
    np.testing.assert_allclose(rows["face"][4], alone[0], atol=1e-5)  # the middle of the grid is the picture itself
    whole = encode(data, {"face": encoder("orientation")}).samples[0].features["face"]
    lines = encode(data, {"face": encoder("orientation", per="row")}).samples[0].features["face"]
    assert lines.shape == (8, 64) and np.array_equal(lines.reshape(1, -1), whole)
    with pytest.raises(RequestError, match="allowed: 1, 9"):
        encoder("expression", views=4)


def test_conflicts_become_the_subsets_of_the_conflict_protocol(sources):
    from mien.research.protocols.conflict import Conflict

    data = load("constructed", sources, conflict=1.0, repeat=6, labels="anger,fear,sadness", **GIVEN)
    ways = {"face": encoder("orientation"), "text": encoder("hash", width=32)}
    plan = Conflict().plan(encode(data, ways))
    (trial,) = plan.trials
    rows = {ask.condition: len(ask.rows) for ask in trial.asks}
    odd = Counter(
        next(name for name, label in one.labels.items() if label != one.target)
        for one in (data.samples[row] for row in data.parts["test"])
    )
    assert rows["consistent"] == odd["audio"]  # the two that are read agree
    assert rows["face-aligned"] == odd["text"] and rows["text-aligned"] == odd["face"]
    assert rows["follows face"] == rows["follows text"] == odd["face"] + odd["text"]


def test_tables_say_that_items_are_constructed():
    from mien.research.protocols.tables import marked

    class Told:
        data: dict[str, str]

    told = Told()
    told.data = {"name": "constructed-a+b"}
    assert marked(told) == " (constructed)"
    told.data = {"name": "emodb"}
    assert marked(told) == ""
