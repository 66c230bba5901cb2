"""A trained model as one ONNX file, for machines without torch."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from mien.errors import RequestError
from mien.files import write_atomic
from mien.research.batch import Batch
from mien.research.layers.task import answers
from mien.research.training.method import Method


class _Flat(nn.Module):
    """The model with tensors for arguments: all inputs, then all masks, in the order of the shape."""

    def __init__(self, method: Method) -> None:
        super().__init__()
        self.model, self.names, self.task = method.model, tuple(method.shape.widths), method.shape.task

    def forward(self, *given: Tensor) -> Tensor:
        count = len(self.names)
        inputs = dict(zip(self.names, given[:count], strict=True))
        masks = dict(zip(self.names, given[count:], strict=True))
        none = torch.zeros(given[0].shape[0], dtype=torch.int64)
        batch = Batch(inputs, masks, none, none, none.float(), ("",) * int(given[0].shape[0]), none, none)
        return answers(self.model(batch).scores, self.task)


def export_onnx(method: Method, path: Path | str) -> None:
    """Write the model as ONNX.

    Inputs: for each modality M a float32 "M" (n, time, width) and a bool "M_mask" (n, time), any n and time; output:
    "answers" (n, outputs): probabilities of classes or labels, or values. RequestError for a dialogue system (its turns
    have no fixed place in a batch), or where the model has a step that ONNX lacks.
    """
    if method.inputs == "dialogue":
        raise RequestError(f"{method.name} reads whole dialogues and cannot be written as ONNX")
    names = list(method.shape.widths)
    steps = 3 if method.shape.sequence else 1
    given = [torch.zeros(2, steps, width) for width in method.shape.widths.values()]
    told = [*names, *(f"{name}_mask" for name in names)]
    free = {one: {0: "n", 1: f"{one.removesuffix('_mask')}_time"} for one in told}
    out = io.BytesIO()
    flat = _Flat(method).eval().cpu()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer warns of checks in Python that hold for every batch
            torch.onnx.export(
                flat, (*given, *(torch.ones(2, steps, dtype=torch.bool) for _ in names)),
                out,  # type: ignore[arg-type]  # a stream is taken, the annotation says a path
                input_names=told,
                output_names=["answers"], dynamic_axes=free, opset_version=17, dynamo=False,
            )  # fmt: skip
    except (torch.onnx.errors.OnnxExporterError, RuntimeError) as error:
        why = str(error).strip().splitlines()[0]
        raise RequestError(f"{method.name} cannot be written as ONNX: {why}") from None
    write_atomic(path, out.getvalue())
