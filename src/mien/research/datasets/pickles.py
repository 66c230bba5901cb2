"""Pickles that hold NumPy arrays and plain Python values alone; a pickle that would run code is refused by name.

The stream is scanned before anything is built: opcodes that call, import or reach outside are named with their place,
lengths and memory slots are bounded by the file. Then an unpickler whose only globals are those of NumPy's own array
format, each replaced by a function that builds nothing else, reads it.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import struct
import tokenize
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from mien.errors import InputError

LIMIT = 16 << 30
"""Bytes of a pickle, or of all arrays of an .npz together, that are read by default."""

_REFUSED = frozenset({"INST", "OBJ", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "NEXT_BUFFER", "READONLY_BUFFER"})
_LONG = {  # opcodes with a payload that need not be looked at: struct of its length
    "BINBYTES": "<I", "BINBYTES8": "<Q", "BYTEARRAY8": "<Q", "BINSTRING": "<i", "LONG4": "<i",
    "BINUNICODE8": "<Q",
}  # fmt: skip
_OPCODES = {op.code: op for op in pickletools.opcodes}
_CORE = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
ALLOWED = "NumPy arrays and Python's own values (numbers, text, lists, tuples, dicts, sets)"


def read_pickle(path: Path | str, *, limit: int = LIMIT) -> Any:
    """What a pickle of arrays and plain values holds; Python 2's text is read as Latin-1.

    Raises InputError naming the opcode and the global for a pickle with code in it, for a damaged one, and for one of
    more than `limit` bytes.
    """
    try:
        size = Path(path).stat().st_size
        if size > limit:
            raise InputError(path, "", f"is a pickle of {size / 2**30:.1f} GiB, more than {limit / 2**30:.1f} are read")
        with open(path, "rb") as stream:
            return parse(stream, path, size)
    except OSError as error:
        raise InputError(path, "", f"cannot be read ({error.strerror or error})") from None


def parse(stream: BinaryIO, named: Path | str, size: int) -> Any:
    """What the pickle at the stream's place holds; `size` bytes at most are left in it. Errors as in `read_pickle`."""
    start = stream.tell()
    scan(stream, named, size)
    stream.seek(start)
    try:
        return _Reader(stream, named).load()
    except InputError:
        raise
    except MemoryError:
        raise InputError(named, "", "asks for more memory than there is") from None
    except Exception as error:  # whatever a damaged stream makes Python's reader raise
        raise InputError(named, "", f"is a damaged pickle ({type(error).__name__}: {str(error)[:80]})") from None


def scan(stream: BinaryIO, named: Path | str, size: int) -> None:
    """InputError for the first opcode of a pickle that is not let through, or for a stream that is none."""
    start, texts, memo, puts = stream.tell(), ["", ""], dict[int, str](), 0
    while True:
        at = stream.tell() - start
        code = stream.read(1)
        op = _OPCODES.get(code.decode("latin-1")) if code else None
        if op is None:
            found = "ends early" if not code else f"has byte {code[0]:#04x}, no opcode,"
            raise InputError(named, f"byte {at}", f"is no whole pickle: it {found} here")
        if op.name in _REFUSED:
            raise InputError(named, f"byte {at}", f"is refused: opcode {op.name} runs code; allowed: {ALLOWED}")
        argument = _argument(op, stream, named, at, size)
        if op.name in ("GLOBAL", "STACK_GLOBAL"):
            module, name = argument.split(" ", 1) if op.name == "GLOBAL" else (texts[-2], texts[-1])
            _allowed(named, module, name, f"byte {at}", f" (opcode {op.name})")
        elif op.name in ("PUT", "BINPUT", "LONG_BINPUT"):
            puts += 1
            if int(argument) > 2 * puts + 1024:
                raise InputError(named, f"byte {at}", f"is refused: opcode {op.name} asks for memory slot {argument}")
        _follow(op.name, argument, texts, memo)
        if op.name == "STOP":
            return


def read_objects(path: Path | str, *, limit: int = LIMIT) -> dict[str, Any]:
    """Every array of an .npz, those that hold Python objects read through the same narrow door.

    A 0-dimensional object array gives the object itself. Raises InputError for a damaged or too large file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".npy")]
            total = sum(one.file_size for one in members)
            if total > limit:
                raise InputError(path, "", f"unpacks to {total / 2**30:.1f} GiB; {limit / 2**30:.1f} at most are read")
            return {one.filename[:-4]: _member(archive.read(one), f"{path}:{one.filename}") for one in members}
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise InputError(path, "", f"is no .npz file that can be read ({error})") from None


def read_array(path: Path | str, *, limit: int = LIMIT) -> Any:
    """The array of an .npy file, numbers or objects; errors as in `read_objects`."""
    try:
        if Path(path).stat().st_size > limit:
            raise InputError(path, "", f"is larger than {limit / 2**30:.1f} GiB, the most that is read")
        return _member(Path(path).read_bytes(), str(path))
    except OSError as error:
        raise InputError(path, "", f"cannot be read ({error.strerror or error})") from None


class _Reader(pickle.Unpickler):
    """Python's unpickler with the globals of NumPy's array format alone."""

    def __init__(self, stream: BinaryIO, named: Path | str) -> None:
        super().__init__(stream, encoding="latin1")
        self._named = named

    def find_class(self, module: str, name: str) -> Any:
        return _allowed(self._named, module, name)

    def persistent_load(self, pid: Any) -> Any:
        raise InputError(self._named, "", f"is refused: opcode PERSID; allowed: {ALLOWED}")


def _allowed(named: Path | str, module: str, name: str, where: str = "", how: str = "") -> Any:
    """What stands for a global, or InputError naming it."""
    found = _globals().get((module, name))
    if found is None:
        raise InputError(named, where, f"is refused: it calls for {module}.{name}{how}; allowed: {ALLOWED}")
    return found


_NDARRAY = object()
"""Stands for numpy.ndarray: named in a pickle, never called."""


class _Array(np.ndarray[Any, Any]):
    """An array whose state must be as large as it says."""

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, _, raw = state
        if kind.hasobject and (not isinstance(raw, list) or len(raw) != math.prod(shape)):
            raise ValueError("an array of objects that NumPy did not write")
        super().__setstate__(state)  # NumPy itself compares the bytes with the shape of numbers


def _globals() -> dict[tuple[str, str], Any]:
    known: dict[tuple[str, str], Any] = {("numpy", "ndarray"): _NDARRAY, ("numpy", "dtype"): _dtype}
    known |= {(core, "_reconstruct"): _blank for core in _CORE} | {(core, "scalar"): _scalar for core in _CORE}
    known |= {(module, "_frombuffer"): _from_buffer for module in _NUMERIC}
    known[("_codecs", "encode")] = _encode
    values = {"set": set, "frozenset": frozenset, "complex": complex, "bytes": _bytes, "bytearray": _bytes}
    known |= {(module, name): made for module in ("builtins", "__builtin__") for name, made in values.items()}
    return known


def _dtype(spec: Any, align: Any = False, copy: Any = True) -> np.dtype[Any]:
    """A dtype of its own, so that no state reaches one that others share."""
    if not isinstance(spec, str) or len(spec) > 64:
        raise ValueError("a dtype that NumPy did not write")
    return np.dtype(spec, align=bool(align), copy=True)


def _blank(kind: Any, shape: Any, code: Any) -> Any:
    """An empty array whose state follows; never of another class or size than NumPy itself writes."""
    if kind is not _NDARRAY or tuple(shape) != (0,):
        raise ValueError("an array that NumPy did not write")
    return _Array((0,), np.int8)


def _bytes(text: Any = b"", encoding: str = "latin1") -> bytes:
    if not isinstance(text, str | bytes | bytearray):
        raise ValueError("bytes that Python did not write")
    return _encode(text, encoding) if isinstance(text, str) else bytes(text)


def _scalar(kind: Any, raw: Any = b"") -> Any:
    data = raw.encode("latin-1") if isinstance(raw, str) else raw
    if not isinstance(kind, np.dtype) or kind.hasobject or len(data) != kind.itemsize:
        raise ValueError("a number that NumPy did not write")
    return np.frombuffer(data, kind)[0]


def _from_buffer(data: Any, kind: Any, shape: Any, order: str = "C", axes: Any = None) -> Any:
    if not isinstance(kind, np.dtype) or kind.hasobject or order not in ("C", "F", "K", "A"):
        raise ValueError("an array that NumPy did not write")
    flat = np.frombuffer(data, kind)
    if order == "K" and axes is not None:
        return flat.reshape(shape).transpose(axes)
    return flat.reshape(shape, order="F" if order == "F" else "C")


def _encode(text: str, encoding: str = "latin1") -> bytes:
    if encoding not in ("latin1", "latin-1", "utf-8"):
        raise ValueError(f"bytes in the encoding {encoding}")
    return text.encode(encoding)


def _argument(op: Any, stream: BinaryIO, named: Path | str, at: int, size: int) -> Any:
    """The argument of an opcode; long payloads are stepped over."""
    if op.arg is None:
        return None
    try:
        if op.name in _LONG:
            length = struct.unpack(_LONG[op.name], stream.read(struct.calcsize(_LONG[op.name])))[0]
            if not 0 <= length <= size - at:
                raise ValueError
            stream.seek(length, io.SEEK_CUR)
            return None
        return op.arg.reader(stream)
    except (ValueError, struct.error, UnicodeDecodeError):
        raise InputError(named, f"byte {at}", f"is a damaged pickle: opcode {op.name} has a wrong length") from None


def _follow(name: str, argument: Any, texts: list[str], memo: dict[int, str]) -> None:
    """Keep the last two texts in sight, so that STACK_GLOBAL can be named."""
    if name in ("SHORT_BINUNICODE", "BINUNICODE", "UNICODE", "SHORT_BINSTRING", "STRING"):
        texts[:] = [texts[-1], str(argument)]
    elif name == "MEMOIZE":
        memo[len(memo)] = texts[-1]
    elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
        memo[int(argument)] = texts[-1]
    elif name in ("GET", "BINGET", "LONG_BINGET"):
        texts[:] = [texts[-1], memo.get(int(argument), "")]


def _member(data: bytes, named: str) -> Any:
    """One .npy file as an array, or as the object that a 0-dimensional object array holds."""
    stream = io.BytesIO(data)
    try:
        version = npy.read_magic(stream)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, kind = header(stream)
        if not kind.hasobject:
            return npy.read_array(io.BytesIO(data), allow_pickle=False)
    except (ValueError, SyntaxError, tokenize.TokenError) as error:  # the last two from a damaged header
        raise InputError(named, "", f"is no .npy file ({str(error).splitlines()[0][:80]})") from None
    found = parse(stream, named, len(data))
    return found.item() if isinstance(found, np.ndarray) and shape == () and found.size == 1 else found
