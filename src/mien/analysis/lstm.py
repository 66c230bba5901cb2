"""An LSTM as an ONNX file, written without the onnx package: six kinds of message of its format are enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

OPSET, VERSION = 17, 8
"""Operator set and version of the format that are written."""
_FLOAT, _INT32, _INT64 = 1, 6, 7


class Layer(NamedTuple):
    """One layer as torch keeps it, gates in the order input, forget, cell, output: weight_ih (4h, inputs),
    weight_hh (4h, h), bias_ih and bias_hh (4h,)."""

    weight_ih: NDArray[np.float32]
    weight_hh: NDArray[np.float32]
    bias_ih: NDArray[np.float32]
    bias_hh: NDArray[np.float32]


def lstm_onnx(layers: Sequence[Layer]) -> bytes:
    """The bytes of an ONNX file: mel (clips, frames, inputs) and lengths (clips,) int32 to the last layer's states
    (clips, frames, h), zeros after a clip's length."""
    nodes = [_node("Transpose", ["mel"], ["time0"], perm=[1, 0, 2])]
    kept = [_tensor("one", np.array([1], np.int64))]
    for place, layer in enumerate(layers):
        size = layer.weight_hh.shape[1]
        biases = np.concatenate([_gates(layer.bias_ih), _gates(layer.bias_hh)])[None]
        weights = {"w": _gates(layer.weight_ih)[None], "r": _gates(layer.weight_hh)[None], "b": biases}
        kept += [_tensor(f"{name}{place}", values) for name, values in weights.items()]
        given = [f"time{place}", f"w{place}", f"r{place}", f"b{place}", "lengths"]
        nodes.append(_node("LSTM", given, [f"each{place}"], hidden_size=size))
        nodes.append(_node("Squeeze", [f"each{place}", "one"], [f"time{place + 1}"]))
    nodes.append(_node("Transpose", [f"time{len(layers)}"], ["states"], perm=[1, 0, 2]))
    inputs, size = layers[0].weight_ih.shape[1], layers[-1].weight_hh.shape[1]
    graph = [_bytes(1, node) for node in nodes] + [_bytes(2, b"lstm")] + [_bytes(5, tensor) for tensor in kept]
    graph += [_bytes(11, _value("mel", _FLOAT, ["clips", "frames", inputs]))]
    graph += [_bytes(11, _value("lengths", _INT32, ["clips"]))]
    graph += [_bytes(12, _value("states", _FLOAT, ["clips", "frames", size]))]
    return _int(1, VERSION) + _bytes(2, b"mien") + _bytes(7, b"".join(graph)) + _bytes(8, _int(2, OPSET))


def _gates(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gates in ONNX's order: input, output, forget, cell."""
    first, forget, cell, last = np.split(np.asarray(values, np.float32), 4)
    return np.concatenate([first, last, forget, cell])


def _node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: int | Sequence[int]) -> bytes:
    parts = [_bytes(1, name.encode()) for name in inputs] + [_bytes(2, name.encode()) for name in outputs]
    parts.append(_bytes(4, kind.encode()))
    for name, value in attributes.items():
        if isinstance(value, int):
            told = _int(3, value) + _int(20, 2)
        else:
            told = b"".join(_int(8, one) for one in value) + _int(20, 7)
        parts.append(_bytes(5, _bytes(1, name.encode()) + told))
    return b"".join(parts)


def _tensor(name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    kind = _FLOAT if values.dtype == np.float32 else _INT64
    sizes = b"".join(_int(1, size) for size in values.shape)
    raw = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
    return sizes + _int(2, kind) + _bytes(8, name.encode()) + _bytes(9, raw)


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sizes = [_bytes(1, _int(1, size) if isinstance(size, int) else _bytes(2, size.encode())) for size in shape]
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _int(1, kind) + _bytes(2, b"".join(sizes))))


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
