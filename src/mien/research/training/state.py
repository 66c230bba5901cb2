"""Nested plain values and tensors as one safetensors file, and back to the same bits (no pickle)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from mien.errors import InputError


def pack(value: Any) -> bytes:
    """Dicts (any int or str keys), lists, tuples, numbers, text, None and tensors as the bytes of a file."""
    tensors: dict[str, Tensor] = {}
    told = json.dumps(_told(value, tensors))
    return save(tensors, {"state": told})


def unpack(data: bytes, path: object) -> Any:
    """What `pack` was given; InputError naming `path` where it is no such file."""
    try:
        size = int.from_bytes(data[:8], "little")
        told = json.loads(data[8 : 8 + size])["__metadata__"]["state"]
        return _meant(json.loads(told), load(data))
    except (SafetensorError, ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(path, "", f"is no checkpoint of Mien ({error}); delete it to start anew") from None


def read_bytes(path: Path) -> bytes:
    """The file's bytes; InputError where it cannot be read. Weights have no largest size but the disk's."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(path, "", f"cannot be read ({error.strerror or error})") from None


def _told(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().clone().contiguous()
        return {"tensor": name}
    if isinstance(value, dict):
        return {"dict": [[_told(key, tensors), _told(one, tensors)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_told(one, tensors) for one in value]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a checkpoint cannot hold a {type(value).__name__}")


def _meant(told: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(told, dict):
        return told
    ((kind, given),) = told.items()
    if kind == "tensor":
        return tensors[given]
    if kind == "dict":
        return {_meant(key, tensors): _meant(one, tensors) for key, one in given}
    parts = [_meant(one, tensors) for one in given]
    return tuple(parts) if kind == "tuple" else parts


def seed_all(seed: int) -> None:
    """Every generator starts anew from the seed."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def random_state() -> dict[str, Any]:
    """The state of every generator a model may draw from."""
    return {
        "cpu": torch.random.get_rng_state(),
        "gpu": list(torch.cuda.get_rng_state_all()) if torch.cuda.is_available() else [],
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Go on drawing where `random_state` was taken."""
    torch.random.set_rng_state(state["cpu"])
    if state["gpu"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["gpu"])
