"""Packs: written and read to the same data; what is wrong with one is told."""

from __future__ import annotations

import dataclasses
import json
import zipfile

import numpy as np
import pytest

from mien.affect.space import space
from mien.errors import DataError, InputError, MienError, RequestError
from mien.research.datasets.pack import load_pack, save_pack
from mien.research.samples import Clip, Data, Sample

from .made import made, without


def same(one, other):
    assert (one.name, one.task, one.space, dict(one.parts)) == (other.name, other.task, other.space, dict(other.parts))
    for a, b in zip(one.samples, other.samples, strict=True):
        assert (a.id, a.group, a.words, a.speaker, a.place) == (b.id, b.group, b.words, b.speaker, b.place)
        np.testing.assert_array_equal(a.target, b.target)
        assert type(a.target) is type(b.target)
        assert a.features.keys() == b.features.keys() and a.seen.keys() == b.seen.keys()
        assert a.labels.keys() == b.labels.keys() and (a.votes is None) == (b.votes is None)
        for name in a.features:
            np.testing.assert_array_equal(a.features[name], b.features[name])
        for name in a.seen:
            np.testing.assert_array_equal(a.seen[name], b.seen[name])
        for name in a.labels:
            np.testing.assert_array_equal(a.labels[name], b.labels[name])
        if a.votes is not None:
            np.testing.assert_array_equal(a.votes, b.votes)


@pytest.mark.parametrize("task", ["class", "labels", "value"])
def test_there_and_back(task, tmp_path):
    data = without(made(task), lambda place, name: place % 4 == 0 and name == "audio")
    first, second, *rest = data.samples
    votes = np.arange(len(data.space.labels), dtype=np.float32)
    first = dataclasses.replace(first, votes=votes, labels={"text": first.target})
    second = dataclasses.replace(second, seen={"text": np.arange(len(second.features["text"])) % 2 == 0})
    parts = {"train": (0, 1, 2, 3), "test": (4, 5, 6, 7)}
    data = dataclasses.replace(data, samples=(first, second, *rest), parts=parts)
    save_pack(data, tmp_path / "one.npz")
    found = load_pack(tmp_path / "one.npz")
    if "text" in found.samples[2].seen:  # all steps seen is told by nothing or by all True
        assert all(seen.all() for place, s in enumerate(found.samples) if place != 1 for seen in s.seen.values())
        found = dataclasses.replace(
            found,
            samples=tuple(
                s if place == 1 else dataclasses.replace(s, seen={}) for place, s in enumerate(found.samples)
            ),
        )
    same(data, found)
    save_pack(data, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def json_pack(tmp_path, **more):
    pack = {
        "task": "class",
        "space": "sentiment3",
        "samples": [
            {
                "id": "a",
                "group": "x",
                "features": {"text": [1, 2], "audio": None},
                "target": "positive",
                "speaker": "Ann",
            },
            {"id": "b", "features": {"text": [[1, 2], [3, 4]]}, "target": 0, "place": 2},
        ],
        **more,
    }
    path = tmp_path / "own.json"
    path.write_text(json.dumps(pack))
    return path


def test_written_by_hand(tmp_path):
    data = load_pack(json_pack(tmp_path, parts={"train": ["a"], "test": ["b"]}))
    a, b = data.samples
    assert data.name == "own" and data.parts == {"train": (0,), "test": (1,)}
    assert (
        data.space.labels[a.target] == "positive" and a.features["text"].shape == (1, 2) and set(a.features) == {"text"}
    )
    assert b.group == "b" and b.features["text"].shape == (2, 2) and b.place == 2


def test_labels_and_numbers_by_hand(tmp_path):
    space = {"labels": ["joy", "fear"], "kind": "multilabel"}
    rows = [{"id": "a", "features": {"text": [1]}, "target": ["fear"]}, {"id": "b", "features": {}, "target": [1, 0]}]
    data = load_pack(json_pack(tmp_path, task="labels", space=space, samples=rows))
    assert [sample.target.tolist() for sample in data.samples] == [[0, 1], [1, 0]]
    space = {"labels": ["valence"], "kind": "dimensional", "low": -1, "high": 1}
    rows = [{"id": "a", "features": {"text": [1]}, "target": 0.5}]
    assert load_pack(json_pack(tmp_path, task="value", space=space, samples=rows)).samples[0].target.tolist() == [0.5]


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"task": "ranking"}, "the task must be one of class, labels, value, got 'ranking'"),
        ({"space": "moods"}, "unknown space 'moods'"),
        ({"samples": [{"features": {}}]}, "row 0: is no sample .KeyError: 'id'"),
        ({"samples": [{"id": "a", "features": {}, "target": "glad"}]}, "no label 'glad'; it has: "),
        ({"samples": [{"id": "a", "features": {}, "target": 7}]}, "a: class 7 is none of 0 to 2"),
        ({"samples": [{"id": "a", "features": {"text": [float("nan")]}, "target": 0}]}, "a: text has NaN"),
        ({"samples": []}, "has no samples"),
        ({"parts": {"train": ["z"]}}, "is no pack of Mien"),
        ({"parts": ["a"]}, "is no pack of Mien .AttributeError"),
        ({"samples": [{"id": "a", "features": [1], "target": 0}]}, "row 0: is no sample .AttributeError"),
        ({"samples": [{"id": "a", "target": 0.5}]}, "row 0: is no sample .TypeError: 'float'"),
        ({"samples": [{"id": "a", "target": 0, "votes": [1, 2]}]}, "a: votes must be 3 counts of 0 or more"),
    ],
)
def test_bad_by_hand(more, match, tmp_path):
    with pytest.raises(MienError, match=match):
        load_pack(json_pack(tmp_path, **more))


def test_bad_files(tmp_path):
    path = tmp_path / "bad.npz"
    with pytest.raises(InputError, match=r"bad.npz: there is no such file"):
        load_pack(path)
    with pytest.raises(InputError, match=r"its name must end in .npz or .json"):
        load_pack(tmp_path / "bad.pkl")
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"is no pack of Mien"):
        load_pack(path)
    np.savez(path, a=np.arange(3))
    with pytest.raises(InputError, match=r"is no pack of Mien .KeyError: 'meta'"):
        load_pack(path)
    np.savez(path, meta=np.array([{"a": 1}], object))
    with pytest.raises(InputError, match=r"is no pack of Mien .ValueError: Object arrays"):
        load_pack(path)


def test_steps_must_add_up(tmp_path):
    path = tmp_path / "one.npz"
    save_pack(made(), path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["steps/text"] = arrays["steps/text"] + 1
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="steps/text: does not add up"):
        load_pack(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seen/audio": np.ones(3, bool)}, "what is seen of audio must be"),
        ({"features/audio": np.full((12, 3), "x")}, "audio must hold numbers, not <U1"),
        ({"labels/audio": np.full(6, 9), "has/audio": np.ones(6, bool)}, "label audio: class 9 is none of 0 to 2"),
        ({"votes": -np.ones((6, 3))}, "votes must be 3 counts"),
    ],
)
def test_what_a_pack_says_of_its_samples_is_looked_at(tmp_path, change, said):
    rows = tuple(Sample(f"s{i}", f"g{i}", {"audio": np.ones((2, 3), np.float32)}, i % 3) for i in range(6))
    save_pack(Data("made", space("sentiment3"), "class", rows), tmp_path / "one.npz")
    with np.load(tmp_path / "one.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "one.npz", **(arrays | change))
    with pytest.raises(DataError, match=said):
        load_pack(tmp_path / "one.npz")


def test_a_damaged_pack_is_one_line(tmp_path):
    path = tmp_path / "one.npz"
    np.savez_compressed(path, meta=np.arange(2000))
    content, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"one\.npz"):
            load_pack(path)


def test_a_pack_is_written_under_a_name_it_is_found_by(tmp_path):
    with pytest.raises(RequestError, match=r"out\.json: the name of a pack ends in \.npz"):
        save_pack(made(), tmp_path / "out.json")


def test_no_bombs(tmp_path, monkeypatch):
    path = tmp_path / "one.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta.npy", bytes(1 << 20))
    monkeypatch.setattr("mien.research.datasets.pack.MOST", 1 << 19)
    with pytest.raises(InputError, match="the most that is read of a pack"):
        load_pack(path)


def test_raw_clips_are_no_features(tmp_path):
    data = made()
    raw = dataclasses.replace(data.samples[0], clips={"audio": Clip(tmp_path / "a.wav")})
    with pytest.raises(RequestError, match="s0 has raw audio: a pack holds features"):
        save_pack(dataclasses.replace(data, samples=(raw, *data.samples[1:])), tmp_path / "one.npz")


def test_unsound_data_is_refused(tmp_path):
    data = made()
    twice = dataclasses.replace(data, samples=(*data.samples, data.samples[0]))
    save_pack(twice, tmp_path / "one.npz")
    with pytest.raises(DataError, match="two samples have the id 's0'"):
        load_pack(tmp_path / "one.npz")
