"""Torch checkpoints of the old form, written without torch: the pickles by hand, the numbers after them."""

import pickle
import struct

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def numbers(values) -> bytes:
    return b"(" + b"".join(number(value) for value in values) + b"t"


def tensor(key: str, values: np.ndarray, *, call: bytes = b"ctorch._utils\n_rebuild_tensor_v2\n") -> bytes:
    steps = [stride // values.itemsize for stride in values.strides]
    storage = (
        b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu") + number(values.size) + b"NtQ"
    )
    state = b"\x89ccollections\nOrderedDict\n)R"
    return call + b"(" + storage + number(0) + numbers(values.shape) + numbers(steps) + state + b"tR"


def checkpoint(tensors: dict[str, np.ndarray], *, more: bytes = b"", **changed) -> bytes:
    """The bytes of a checkpoint with `tensors` under model_state; more: opcodes of a further item (name and value)."""
    pairs = b"".join(text(name) + tensor(str(i), values, **changed) for i, (name, values) in enumerate(tensors.items()))
    state = b"ccollections\nOrderedDict\n)R(" + pairs + b"u"
    saved = b"\x80\x02}(" + text("step") + number(7) + text("model_state") + state + more + b"u."
    head = b"".join(pickle.dumps(one, 2) for one in (MAGIC, 1001, {"little_endian": True}))
    keys = pickle.dumps([str(i) for i in range(len(tensors))], 2)
    raw = b"".join(struct.pack("<q", values.size) + values.astype("<f4").tobytes() for values in tensors.values())
    return head + saved + keys + raw


def encoder(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random weights in the shapes of the real encoder."""
    found = {}
    for place, inputs in enumerate((40, 256, 256)):
        shapes = {"weight_ih": (1024, inputs), "weight_hh": (1024, 256), "bias_ih": (1024,), "bias_hh": (1024,)}
        for name, shape in shapes.items():
            found[f"lstm.{name}_l{place}"] = rng.uniform(-0.0625, 0.0625, shape).astype(np.float32)
    return found
