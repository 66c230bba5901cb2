"""The embedding network in torch, and the same network as an ONNX graph written node by node."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

BANDS, WIDTH, POOLED, SIZE = 64, 112, 224, 96
DEPTH = 10.0
"""Natural-log power under the piece's peak at which frames are clamped (43 dB)."""
LAYERS = ((BANDS, WIDTH, 5, 2, 1), (WIDTH, WIDTH, 3, 1, 1), (WIDTH, WIDTH, 3, 1, 2), (WIDTH, WIDTH, 3, 1, 3))
"""(in, out, kernel, stride, dilation) of the convolutions over time; those that keep the width add to their input."""


class VoiceNet(nn.Module):
    """(batch, frames, 64) log-mel -> (batch, 96) of length 1."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv1d(i, o, k, s, d * (k // 2), d) for i, o, k, s, d in LAYERS)
        self.norms = nn.ModuleList(nn.BatchNorm1d(o) for _, o, _, _, _ in LAYERS)
        self.wide = nn.Conv1d(WIDTH, POOLED, 1)
        self.out = nn.Linear(2 * POOLED, SIZE)
        self.out_norm = nn.BatchNorm1d(SIZE)

    def forward(self, mel: Tensor) -> Tensor:
        top = mel.amax(dim=(1, 2), keepdim=True)
        mel = torch.maximum(mel, top - DEPTH)
        x = ((mel - mel.mean(dim=1, keepdim=True)) * 0.5).transpose(1, 2)
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            y = norm(F.relu(conv(x)))
            x = y if i == 0 else x + y
        x = F.relu(self.wide(x))
        mean = x.mean(dim=2)
        deviation = (x.square().mean(dim=2) - mean.square()).clamp_min(1e-5).sqrt()
        return F.normalize(self.out_norm(self.out(torch.cat((mean, deviation), 1))))


class Margin(nn.Module):
    """Additive angular margin softmax (Deng et al. 2019, ArcFace)."""

    def __init__(self, classes: int, scale: float = 24.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, SIZE) * 0.1)
        self.scale = scale

    def forward(self, vectors: Tensor, who: Tensor, margin: float) -> Tensor:
        cosine = (vectors @ F.normalize(self.weight).T).clamp(-1 + 1e-6, 1 - 1e-6)
        angle = torch.acos(cosine.gather(1, who[:, None])) + margin
        logits = cosine.scatter(1, who[:, None], torch.cos(angle))
        return F.cross_entropy(self.scale * logits, who)


def write_onnx(net: VoiceNet, path: Path) -> None:
    """Write the network for ONNX Runtime: input `mel` (batch, frames, 64), output `voice` (batch, 96)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights = [], []

    def value(name: str, array: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(op: str, inputs: list[str], output: str, **facts: object) -> str:
        nodes.append(helper.make_node(op, inputs, [output], **facts))
        return output

    def array(tensor: Tensor) -> np.ndarray:
        return tensor.detach().numpy().astype(np.float32)

    def affine(norm: nn.BatchNorm1d) -> tuple[np.ndarray, np.ndarray]:
        scale = array(norm.weight) / np.sqrt(array(norm.running_var) + norm.eps)
        return scale, array(norm.bias) - array(norm.running_mean) * scale

    depth, half = value("depth", np.float32(DEPTH)), value("half", np.float32(0.5))
    frames, both = value("axis_frames", np.array([1])), value("axis_both", np.array([1, 2]))
    time = value("axis_time", np.array([2]))
    top = node("ReduceMax", ["mel", both], "top", keepdims=1)
    x = node("Max", ["mel", node("Sub", [top, depth], "least")], "clamped")
    x = node("Sub", [x, node("ReduceMean", [x, frames], "channel", keepdims=1)], "flat")
    x = node("Transpose", [node("Mul", [x, half], "halved")], "x0", perm=[0, 2, 1])
    for i, (conv, norm, (_, out, kernel, stride, dilation)) in enumerate(
        zip(net.convs, net.norms, LAYERS, strict=True)
    ):
        pad = dilation * (kernel // 2)
        names = [x, value(f"w{i}", array(conv.weight)), value(f"b{i}", array(conv.bias))]
        facts = {"kernel_shape": [kernel], "strides": [stride], "dilations": [dilation], "pads": [pad, pad]}
        y = node("Relu", [node("Conv", names, f"c{i}", **facts)], f"r{i}")
        scale, shift = affine(norm)
        y = node("Mul", [y, value(f"s{i}", scale.reshape(1, out, 1))], f"m{i}")
        y = node("Add", [y, value(f"t{i}", shift.reshape(1, out, 1))], f"n{i}")
        x = y if i == 0 else node("Add", [x, y], f"x{i + 1}")
    x = node(
        "Conv", [x, value("ww", array(net.wide.weight)), value("wb", array(net.wide.bias))], "wide", kernel_shape=[1]
    )
    x = node("Relu", [x], "pool")
    mean = node("ReduceMean", [x, time], "mean", keepdims=0)
    square = node("ReduceMean", [node("Mul", [x, x], "xx"), time], "square", keepdims=0)
    spread = node("Sub", [square, node("Mul", [mean, mean], "mm")], "spread")
    deviation = node("Sqrt", [node("Max", [spread, value("tiny", np.float32(1e-5))], "least_spread")], "deviation")
    pooled = node("Concat", [mean, deviation], "pooled", axis=1)
    scale, shift = affine(net.out_norm)
    weight = array(net.out.weight).T * scale
    x = node("MatMul", [pooled, value("wo", weight)], "out")
    x = node("Add", [x, value("bo", array(net.out.bias) * scale + shift)], "raw")
    node("LpNormalization", [x], "voice", axis=1, p=2)
    graph = helper.make_graph(
        nodes,
        "voice",
        [helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["batch", "frames", BANDS])],
        [helper.make_tensor_value_info("voice", TensorProto.FLOAT, ["batch", SIZE])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
