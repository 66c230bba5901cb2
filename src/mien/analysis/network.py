"""Shipped networks and their cards: loaded when first used, one thread each.

A weight `NAME.onnx` lies beside its card `NAME.json` in the `weights` package of the room that uses it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import InputError


@cache
def card(name: str, package: str) -> dict[str, Any]:
    """The card of a shipped weight: data and licences, protocol, scores, terms."""
    text = resources.files(package).joinpath(f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


class Network:
    """An ONNX network run on one thread; `run` takes and returns arrays by name."""

    def __init__(self, data: bytes) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # it keeps what every new length of input needed: memory would grow
        self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, **inputs: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """All outputs by name for the inputs by name."""
        return dict(zip(self._outputs, self._session.run(None, inputs), strict=True))


@cache
def network(name: str, package: str) -> Network:
    """The shipped network of that name, loaded once a process; InputError where it is missing."""
    try:
        return Network(resources.files(package).joinpath(f"{name}.onnx").read_bytes())
    except FileNotFoundError:
        raise InputError(f"{name}.onnx", "", "a shipped weight is missing; reinstall mien") from None
