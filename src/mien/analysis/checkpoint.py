"""Arrays out of a torch checkpoint of the old form (before 1.6), without torch and without running what it holds.

Such a file is five pickles (a magic number, a version, facts of the machine, the object, the keys of its storages) and
then each storage: its length, eight bytes, and its numbers. The opcodes are compared with a short list before anything
is built; the reader then knows three names, each of which only makes a container or notes a place in a storage.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
_HARMLESS = {
    "PROTO", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT",
    "BINUNICODE", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "APPEND", "APPENDS", "SETITEM", "SETITEMS",
    "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "GLOBAL", "REDUCE",
    "BUILD", "BINPERSID",
}  # fmt: skip
_SLOTS = 1 << 20
_KINDS = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8"}


class Unusable(ValueError):
    """What is wrong with a checkpoint, in words that follow its name."""


class _Storage(NamedTuple):
    key: str
    kind: str
    size: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(data: bytes, key: str) -> dict[str, NDArray[Any]]:
    """The tensors under `key` of a checkpoint (a dict of dicts), by name; Unusable where it is none."""
    stream = io.BytesIO(data)
    try:
        if data[:2] == b"PK" or _load(stream) != MAGIC:
            raise Unusable("it is no torch checkpoint of the old form")
        _load(stream), _load(stream)
        saved, order = _load(stream), _load(stream)
        found = saved[key]
        tensors = {str(name): tensor for name, tensor in found.items() if isinstance(tensor, _Tensor)}
        storages = _storages(stream, order, _described(saved))
        return {name: _array(tensor, storages[tensor.storage.key]) for name, tensor in tensors.items()}
    except Unusable:
        raise
    except Exception as error:  # a damaged stream makes Python's reader fail in many ways
        raise Unusable(f"it is damaged ({type(error).__name__})") from None


class _Reader(pickle.Unpickler):
    """Python's unpickler with three names."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return _Ordered
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        raise Unusable(f"it calls for {module}.{name}, which no tensor needs")

    def persistent_load(self, pid: Any) -> _Storage:
        word, kind, key, _, count, view = pid
        if word != "storage" or kind not in _KINDS.values() or view is not None:
            raise Unusable("it holds something else than tensors")
        return _Storage(str(key), kind, int(count))


class _Ordered(OrderedDict[Any, Any]):
    """A dict whose further state (torch's own remarks) is left out."""

    def __setstate__(self, state: Any) -> None: ...


def _tensor(storage: Any, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *rest: Any) -> _Tensor:
    if not isinstance(storage, _Storage) or len(shape) != len(strides):
        raise Unusable("it holds a tensor that torch did not write")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _load(stream: io.BytesIO) -> Any:
    """One pickle, its opcodes looked at first."""
    start = stream.tell()
    for op, argument, _ in pickletools.genops(stream):
        if op.name not in _HARMLESS:
            raise Unusable(f"it holds the opcode {op.name}, which no tensor needs")
        if op.name == "LONG_BINPUT" and isinstance(argument, int) and argument > _SLOTS:
            raise Unusable("it is damaged (memory slot out of bounds)")
    stream.seek(start)
    return _Reader(stream).load()


def _described(value: Any) -> dict[str, _Storage]:
    """Every storage that is spoken of, by its key."""
    if isinstance(value, _Tensor):
        return {value.storage.key: value.storage}
    parts = list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else []
    found: dict[str, _Storage] = {}
    for part in parts:
        found |= _described(part)
    return found


def _storages(stream: io.BytesIO, order: Any, described: Mapping[str, _Storage]) -> dict[str, NDArray[Any]]:
    found = {}
    for key in order:
        kind = np.dtype(described[key].kind)
        count = int.from_bytes(stream.read(8), "little", signed=True)
        raw = stream.read(count * kind.itemsize) if 0 <= count <= described[key].size else b""
        if count != described[key].size or len(raw) != count * kind.itemsize:
            raise Unusable("it ends early")
        found[key] = np.frombuffer(raw, kind)
    return found


def _array(tensor: _Tensor, flat: NDArray[Any]) -> NDArray[Any]:
    """The tensor's numbers, copied; only whole, gapless tensors are read, which is what a saved model holds."""
    strides, step = [], 1
    for size in reversed(tensor.shape):
        strides.append(step)
        step *= size
    count = math.prod(tensor.shape)
    odd = any(
        mine != given and size > 1
        for mine, given, size in zip(strides[::-1], tensor.strides, tensor.shape, strict=True)
    )
    if odd or tensor.offset < 0 or tensor.offset + count > len(flat):
        raise Unusable("it holds a tensor that does not fit its storage")
    return flat[tensor.offset : tensor.offset + count].reshape(tensor.shape).copy()
