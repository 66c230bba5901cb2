"""Pickles of arrays and plain values are read; whatever would run code is refused by name, and nothing runs."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.errors import InputError
from mien.research.datasets.pickles import parse, read_array, read_objects, read_pickle

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4) | st.tuples(inner)
    ),
    max_leaves=12,
)


def back(value, protocol):
    data = pickle.dumps(value, protocol)
    return parse(io.BytesIO(data), "x.pkl", len(data))


@settings(deadline=None, max_examples=60)
@given(plain, st.integers(0, 5))
def test_plain_values_come_back(value, protocol):
    assert back(value, protocol) == value


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["f4", "f8", "i8", ">i4", "U3", "?", "M8[s]", "O"])
def test_arrays_come_back(protocol, kind):
    array = np.array([[1, 2, 3], [4, 5, 6]]).astype(kind)
    for one in (array, array.T, array[:, :0], np.asfortranarray(array)):
        found = np.asarray(back({"x": one}, protocol)["x"])
        assert found.dtype.newbyteorder("=") == one.dtype.newbyteorder("=")
        np.testing.assert_array_equal(found, one)


@pytest.mark.parametrize("protocol", range(6))
def test_numbers_and_sets_of_numpy_and_python(protocol):
    value = {
        "a": np.float32(1.5),
        "b": {1, 2},
        "c": frozenset("x"),
        "d": 1j,
        "e": b"z",
        "f": bytearray(b"y"),
        "g": 2**90,
    }
    assert back(value, protocol) == value


class Runs:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Runs(os.system, ("touch /tmp/never",)), "posix.system|nt.system"),
        (Runs(eval, ("1",)), "builtins.eval|__builtin__.eval"),
        (Runs(getattr, ("", "join")), "getattr"),
        (OrderedDict(a=1), "collections.OrderedDict"),
        (Path("/tmp"), "pathlib"),
        (np.random.default_rng(0), "numpy.random"),
    ],
)
def test_code_is_refused_by_its_name_and_never_runs(protocol, value, name, tmp_path):
    file = tmp_path / "bad.pkl"
    file.write_bytes(pickle.dumps({"train": [value]}, protocol))
    with pytest.raises(InputError, match=name) as caught:
        read_pickle(file)
    assert "is refused" in str(caught.value) and "opcode" in str(caught.value) and "NumPy arrays" in str(caught.value)
    assert "\n" not in str(caught.value) and not Path("/tmp/never").exists()


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (b"(cposix\nsystem\nS'x'\no.", "posix.system"),
        (b"(S'x'\niposix\nsystem\n.", "INST"),
        (b"\x80\x02\x82\x01.", "EXT1"),
        (b"Pabc\n.", "PERSID"),
        (b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93.", "posix.system"),
        (b"\x80\x04\x8c\x06system\x94\x8c\x05posix\x94h\x01h\x00\x93.", "posix.system"),
        (b"\x80\x02N" + b"r" + struct.pack("<I", 2**32 - 1) + b".", "memory slot"),
        (b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"ab.", "wrong length"),
        (b"\x80\x02cnumpy\nndarray\nK\x05\x85R.", "damaged"),
        (b"\x80\x04\x97.", "NEXT_BUFFER"),
        (b"", "ends early"),
        (b"hello", "no whole pickle|refused|damaged"),
        (b"\x80\x02]", "ends early"),
        (b"\x80\x02.", "damaged"),
    ],
)
def test_streams_made_by_hand(stream, said, tmp_path):
    file = tmp_path / "bad.pkl"
    file.write_bytes(stream)
    with pytest.raises(InputError, match=said):
        read_pickle(file)


def test_an_array_that_claims_more_than_it_holds(tmp_path):
    kind = np.dtype("O")
    for shape, raw in (((10**12,), []), ((4,), [1])):
        state = (1, shape, kind, False, raw)
        array = Runs(np.empty(0).__reduce__()[0], (np.ndarray, (0,), b"b"), state)
        with pytest.raises(InputError, match="damaged"):
            back(array, 2)
    with pytest.raises(InputError, match="damaged"):
        back(Runs(bytes, (10**12,)), 2)


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_damage_gives_one_line(data):
    whole = pickle.dumps({"a": np.arange(6.0), "b": ["x", {"y": (1, None)}]}, data.draw(st.integers(0, 4)))
    place = data.draw(st.integers(0, len(whole) - 1))
    cut = (
        whole[:place]
        if data.draw(st.booleans())
        else whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    )
    try:
        parse(io.BytesIO(cut), "x.pkl", len(cut))
    except InputError as error:
        assert "\n" not in str(error)


def test_a_file_that_is_too_large_or_absent(tmp_path):
    file = tmp_path / "a.pkl"
    file.write_bytes(pickle.dumps(np.zeros(1000)))
    with pytest.raises(InputError, match="GiB"):
        read_pickle(file, limit=1000)
    with pytest.raises(InputError, match="cannot be read"):
        read_pickle(tmp_path / "none.pkl")


def test_arrays_of_objects_in_npz_and_npy(tmp_path):
    value = {"x": {"emo": 1, "val": np.float64(-0.5)}}
    np.savez(tmp_path / "a.npz", corpus=np.array(value, object), names=np.array(["a", "b"], object), plain=np.eye(2))
    found = read_objects(tmp_path / "a.npz")
    assert found["corpus"] == value and list(found["names"]) == ["a", "b"]
    np.testing.assert_array_equal(found["plain"], np.eye(2))
    np.save(tmp_path / "b.npy", np.array([Runs(os.system, ("x",))], object), allow_pickle=True)
    with pytest.raises(InputError, match=r"posix\.system|nt\.system"):
        read_array(tmp_path / "b.npy")
    (tmp_path / "c.npz").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(InputError, match=r"no \.npz"):
        read_objects(tmp_path / "c.npz")
    with zipfile.ZipFile(tmp_path / "d.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", b"\0" * 1_000_000)
    with pytest.raises(InputError, match="unpacks to"):
        read_objects(tmp_path / "d.npz", limit=10_000)
