"""Encoders give sound features, and the store gives back what was computed: to many readers, after a kill, never half."""

from __future__ import annotations

import multiprocessing
import os
import re
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mien.affect.space import space
from mien.errors import InputError, RequestError
from mien.research.encoders import ENCODERS, OWN, Plain, encoder
from mien.research.encoders.encode import encode, pool
from mien.research.encoders.material import picture, sound
from mien.research.encoders.store import Store, key_of
from mien.research.samples import Clip, Data, Sample

RNG = np.random.default_rng(0)


def tone(path, hertz=200.0, seconds=0.6, gain=0.3):
    """A voice-like tone with silence before and behind it."""
    time = np.arange(int(16000 * seconds)) / 16000
    rows = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 6)) * gain
    values = np.concatenate([np.zeros(4000), rows, np.zeros(4000)])
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes((values * 16000).astype("<i2").tobytes())
    return Clip(str(path))


def data(tmp_path, n=3):
    rows = [
        Sample(
            f"s{i}", f"g{i}", {}, i % 2, words=f"line {i}", clips={"audio": tone(tmp_path / f"{i}.wav", 150 + 50 * i)}
        )
        for i in range(n)
    ]
    return Data("made", space("stress2"), "class", tuple(rows))


def counting(width=3):
    """An encoder that counts how often it was asked."""
    asked = []

    def read(wave):
        asked.append(len(wave))
        return np.full((len(wave) // 4000, width), len(asked), np.float32)

    return Plain("counting", "1", "sound", width, read, {}), asked


@pytest.mark.parametrize("name", [name for name in ENCODERS if name not in OWN])
def test_every_encoder_gives_its_width_and_bears_nothing(name, tmp_path):
    one = encoder(name)
    wave = sound(tone(tmp_path / "a.wav"))
    full = {
        "sound": wave,
        "words": "So glad you came, कल मिलते हैं 你好",
        "picture": RNG.integers(0, 255, (60, 50)).astype(np.uint8),
    }
    none = {"sound": np.zeros(0, np.float32), "words": "  ", "picture": np.zeros((48, 48), np.uint8)}
    rows = one.read(full[one.takes])
    assert rows.dtype == np.float32 and rows.shape[1] == one.width and len(rows) and np.isfinite(rows).all()
    np.testing.assert_array_equal(rows, encoder(name).read(full[one.takes]))
    assert one.read(none[one.takes]).shape[1] == one.width
    for quiet in (np.zeros(16000, np.float32), np.full(16000, 0.1, np.float32), np.ones(10, np.float32)):
        if one.takes == "sound":
            assert np.isfinite(one.read(quiet)).all()


def test_voice_encoders_do_not_hear_level_or_silence(tmp_path):
    loud, soft = sound(tone(tmp_path / "a.wav", gain=0.3)), sound(tone(tmp_path / "b.wav", gain=0.03))
    padded = np.concatenate([np.zeros(16000, np.float32), loud, np.zeros(16000, np.float32)])
    for name in ("mel", "prosody"):
        one = encoder(name)
        assert abs(one.read(loud) - one.read(soft)).mean() < 0.1
        assert len(one.read(padded)) == pytest.approx(len(one.read(loud)), abs=2)
    assert len(encoder("mel", hop=4).read(loud)) == -(-len(encoder("mel").read(loud)) // 4)


def test_hashing_tells_texts_apart_and_forgets_their_length():
    one = encoder("hash", width=256)
    first, second, third = (one.read(text)[0] for text in ("i am so happy", "i am so happy today", "rain in november"))
    assert first @ second > 0.5 > abs(first @ third) and np.linalg.norm(third) == pytest.approx(1)
    assert encoder("hash", per="word").read("three short words").shape == (3, 512)
    for wrong in ({"width": 2}, {"per": "line"}):
        with pytest.raises(RequestError, match="allowed"):
            encoder("hash", **wrong)


def test_names_and_options_that_are_not_there():
    with pytest.raises(RequestError, match="encoders: mel, prosody"):
        encoder("wav2vec9")
    with pytest.raises(RequestError, match="no option 'bands'; it has: trim"):
        encoder("mel", bands=3)
    for name in ("mel", "prosody"):
        with pytest.raises(RequestError, match="hop -3; 1 frame at least"):
            encoder(name, hop=-3)


def test_sound_of_a_part_and_of_what_is_no_sound(tmp_path):
    clip = tone(tmp_path / "a.wav", seconds=1.0)
    whole = sound(clip)
    part = sound(Clip(clip.path, 0.5, 0.75))
    np.testing.assert_allclose(part, whole[8000:12000], atol=1e-6)
    (tmp_path / "b.wav").write_bytes(b"no sound at all")
    with pytest.raises(InputError, match=r"b\.wav"):
        sound(Clip(str(tmp_path / "b.wav")))
    with pytest.raises(InputError, match="no picture"):
        picture(Clip(str(tmp_path / "b.wav")))
    content = Path(clip.path).read_bytes()
    (tmp_path / "c.wav").write_bytes(content[: len(content) // 4])
    with pytest.raises(InputError, match=r"c\.wav.*ends at 0\.4 s but promises 1\.5 s.*get it again"):
        sound(Clip(str(tmp_path / "c.wav")))
    assert len(sound(Clip(str(tmp_path / "c.wav"), 0.0, 0.2))) == 3200, "what is asked for is there"


def test_features_are_computed_once(tmp_path):
    one, asked = counting()
    made = data(tmp_path)
    first = encode(made, {"audio": one}, store=tmp_path / "store")
    second = encode(made, {"audio": one}, store=tmp_path / "store")
    assert len(asked) == 3 and [len(s.features["audio"]) for s in first.samples] == [
        len(s.features["audio"]) for s in second.samples
    ]
    for a, b in zip(first.samples, second.samples, strict=True):
        np.testing.assert_array_equal(a.features["audio"], b.features["audio"])
        assert not a.clips
    os.rename(tmp_path / "0.wav", tmp_path / "moved.wav")
    moved = replace(made.samples[0], clips={"audio": Clip(str(tmp_path / "moved.wav"))})
    encode(replace(made, samples=(moved,)), {"audio": one}, store=tmp_path / "store")
    assert len(asked) == 3, "the same content under another name"
    part = replace(moved, clips={"audio": Clip(str(tmp_path / "moved.wav"), 0.0, 0.5)})
    encode(replace(made, samples=(part,)), {"audio": one}, store=tmp_path / "store")
    encode(
        made.__class__(**{**_fields(made), "samples": (moved,)}),
        {"audio": replace(one, version="2")},
        store=tmp_path / "store",
    )
    encode(replace(made, samples=(moved,)), {"audio": replace(one, settings={"a": 1})}, store=tmp_path / "store")
    assert len(asked) == 6, "another part, another version and other settings are computed anew"


def _fields(one):
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_words_and_a_missing_file(tmp_path):
    made = data(tmp_path)
    os.remove(tmp_path / "1.wav")
    both = {"audio": encoder("mel"), "text": encoder("hash", width=16)}
    with pytest.raises(InputError, match=r"s1: audio: .*1\.wav"):
        encode(made, both)
    found = encode(made, both, skip=True)
    assert [sorted(one.features) for one in found.samples] == [["audio", "text"], ["text"], ["audio", "text"]]
    assert re.search(r"1 samples have no audio, such as s1 \(.*1\.wav", found.notes[-1])
    for gone in (0, 2):
        os.remove(tmp_path / f"{gone}.wav")
    with pytest.raises(InputError, match=r"audio: none of 3 samples can be read, such as s0 \(.*0\.wav"):
        encode(made, both, skip=True)
    pooled = pool(found)
    assert pooled.shape().widths == {"audio": 128, "text": 32} and not pooled.shape().sequence
    with pytest.raises(RequestError, match="no sample has sound for face"):
        encode(made, {"face": encoder("mel")})


@pytest.mark.parametrize("several", [False, True])
def test_numbers_that_are_not_finite_are_not_kept(tmp_path, several):
    class Loud(Plain):
        __slots__ = ()

        def read_many(self, waves):
            return [self.read(wave) for wave in waves]

    kind = Loud if several else Plain
    one = kind("loud", "1", "sound", 1, lambda wave: np.log(np.maximum(len(wave) - 17600, 0)), {})
    made = data(tmp_path)
    clips = {"audio": tone(tmp_path / "long.wav", seconds=2.0)}
    made = replace(made, samples=(*made.samples, replace(made.samples[0], id="s3", clips=clips)))
    with np.errstate(divide="ignore"):
        with pytest.raises(InputError, match="s0: audio: loud: gives NaN or infinite numbers"):
            encode(made, {"audio": one}, store=tmp_path / "store")
        found = encode(made, {"audio": one}, store=tmp_path / "store", skip=True)
    assert ["audio" in s.features for s in found.samples] == [False, False, False, True]
    assert len(Store(tmp_path / "store", one)) == 1


def test_pool_looks_at_seen_steps_alone():
    rows = np.array([[1.0], [100.0], [3.0]], np.float32)
    one = Sample("s", "g", {"audio": rows}, 0, seen={"audio": np.array([True, False, True])})
    found = pool(Data("made", space("stress2"), "class", (one,)))
    assert found.samples[0].features["audio"].tolist() == [[2.0, 1.0]] and not found.samples[0].seen


def test_store_gives_back_what_was_put(tmp_path):
    one = encoder("hash", width=8)
    rows = {f"k{i}": RNG.normal(size=(i % 4, 8)).astype(np.float32) for i in range(50)}
    with Store(tmp_path, one, shard=500) as held:
        for key, values in rows.items():
            held.put(key, values)
            np.testing.assert_array_equal(held.get(key), values)
    again = Store(tmp_path, one)
    assert (
        len(again) == 50 and len(list(again.folder.glob("*.npy"))) > 3 and "k1" in again and again.get("none") is None
    )
    for key, values in rows.items():
        np.testing.assert_array_equal(again.get(key), values)
    with pytest.raises(ValueError, match="read-only"):
        again.get("k1")[:] = 0


def _write(folder, first):
    with Store(folder, encoder("hash", width=8), shard=400) as held:
        for i in range(first, first + 30):
            held.put(f"k{i}", np.full((2, 8), i, np.float32))


def test_two_writers_and_a_reader_at_once(tmp_path):
    _write(tmp_path, 0)
    reader = Store(tmp_path, encoder("hash", width=8))
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path, first)) for first in (20, 60)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
        assert one.exitcode == 0
    assert len(reader) == 30
    reader.refresh()
    assert len(reader) == 80  # 0 to 49 and 60 to 89
    assert all((reader.get(f"k{i}") == i).all() for i in (*range(50), *range(60, 90)))


def test_what_a_killed_writer_leaves_is_not_read(tmp_path):
    _write(tmp_path, 0)
    held = Store(tmp_path, encoder("hash", width=8))
    np.save(held.folder / "99999-left.npy", np.zeros((4, 8), np.float32))
    (held.folder / ".mien-x.part").write_bytes(b"half")
    assert len(Store(tmp_path, encoder("hash", width=8))) == 30


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "is damaged|its index"),
        (lambda path: np.save(path, np.zeros((1, 8), np.float32)), "fewer than its index says"),
        (lambda path: np.save(path, np.zeros((90, 3), np.float32)), "not float32"),
        (lambda path: path.unlink(), "is damaged"),
        (lambda path: path.with_suffix(".index").write_text("k0 0\n"), "line 1: is damaged"),
        (lambda path: path.with_suffix(".index").write_text("k29 0 1"), "index: is cut short"),
    ],
)
def test_a_damaged_shard_is_named(tmp_path, damage, said):
    one = encoder("hash", width=8)
    with Store(tmp_path, one) as held:
        for i in range(30):
            held.put(f"k{i}", np.full((2, 8), i, np.float32))
    damage(next(held.folder.glob("*.npy")))
    with pytest.raises(InputError, match=said):
        Store(tmp_path, one).get("k29")


def test_a_disk_that_is_full_keeps_what_was_there(tmp_path, monkeypatch):
    one = encoder("hash", width=8)
    _write(tmp_path, 0)
    held = Store(tmp_path, one)
    held.put("new", np.ones((1, 8), np.float32))

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="No space left on device"):
            held.flush()
    assert len(Store(tmp_path, one)) == 30 and not list(held.folder.glob(".mien-*"))
    held.flush()
    assert "new" in Store(tmp_path, one)


def test_keys_follow_content(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").write_bytes(b"x")
    at = str(tmp_path / "a")
    assert key_of(Clip(at)) == key_of(Clip(str(tmp_path / "b"))) == key_of(Clip("t:1", content=b"x"))
    keys = {key_of(Clip(at)), key_of(Clip(at, 0.0, 1.0)), key_of(Clip(at, 1.0)), key_of("x"), key_of("y")}
    assert len(keys) == 5
    late = {key_of(Clip(at, start, start + 0.5)) for start in (4000.001, 4000.002, 4000.003)}
    assert len(late) == 3, "a millisecond late in a long recording is another part"
    with pytest.raises(InputError, match="cannot be read"):
        key_of(Clip(str(tmp_path / "none")))


def test_what_took_long_is_on_disk_before_the_end(tmp_path, monkeypatch):
    one, _ = counting()
    clock = iter(range(0, 1000, 25))
    monkeypatch.setattr("mien.research.encoders.store.time.monotonic", lambda: float(next(clock)))
    writer = Store(tmp_path, one)
    for key in "abc":
        writer.put(key, np.ones((1, 3), np.float32))
    assert all(key in Store(tmp_path, one) for key in "abc")  # 75 s on; nothing was flushed by hand
