"""From the trained net to the shipped graph: raw grey faces in, calibrated logits and hidden vectors out."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from net import Block, FaceNet
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class Shipped(nn.Module):
    """Faces (n, 48, 48) uint8 -> logits (n, 8), hidden (n, d)."""

    def __init__(self, net: FaceNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        logits, hidden = self.net(faces[:, None].float() / 255)
        return logits, hidden


@torch.no_grad()
def settled(net: FaceNet) -> FaceNet:
    """A copy as it is shipped: norms folded into the convolutions, their weights rounded to half precision."""
    net = copy.deepcopy(net).to(memory_format=torch.contiguous_format).eval()  # type: ignore[call-overload]
    net.stem = _folded(net.stem[0], net.stem[1], nn.ReLU())
    for block in net.blocks:
        assert isinstance(block, Block)
        block.conv1, block.norm1 = _folded(block.conv1, block.norm1), nn.Identity()
        block.conv2, block.norm2 = _folded(block.conv2, block.norm2), nn.Identity()
        if isinstance(block.shortcut, nn.Sequential):
            pool, conv, norm = block.shortcut
            block.shortcut = nn.Sequential(pool, _folded(conv, norm))
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            part.weight.copy_(part.weight.half().float())
    return net


def _folded(conv: nn.Module, norm: nn.Module, *rest: nn.Module) -> nn.Module:
    one = fuse_conv_bn_eval(conv, norm)  # type: ignore[type-var]
    return nn.Sequential(one, *rest) if rest else one


@torch.no_grad()
def calibrate(net: FaceNet, prior: Tensor, tau: float, temperature: float) -> None:
    """Write the prior correction and the temperature into the last layer: (logits - tau log prior) / temperature."""
    net.head.weight.div_(temperature)
    net.head.bias.sub_(tau * prior.log().to(net.head.bias.dtype)).div_(temperature)


def export(net: FaceNet, path: Path) -> None:
    """Write one ONNX file with a free batch size, weights that are half precision numbers kept as such."""
    example = torch.randint(0, 256, (2, 48, 48), dtype=torch.uint8)
    model = Shipped(net).eval()
    program = torch.onnx.export(
        model,
        (example,),
        input_names=["faces"],
        output_names=["logits", "hidden"],
        opset_version=18,
        dynamic_shapes={"faces": {0: torch.export.Dim("n", min=1)}},
        dynamo=True,
        optimize=True,
        verbose=False,
    )
    program.save(path, external_data=False)
    _without_traces(path)
    _halved(path)


def _halved(path: Path) -> None:
    """Keep convolution weights as float16, cast to float32 when the file is loaded: half the size, the same numbers."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    graph = model.graph
    used = {node.input[1] for node in graph.node if node.op_type == "Conv"}
    casts = []
    for tensor in graph.initializer:
        if tensor.name in used:
            name, value = tensor.name, numpy_helper.to_array(tensor)
            half = value.astype(np.float16)
            assert (half.astype(np.float32) == value).all(), f"{name} is not half precision"
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    kept = [info for info in graph.value_info if info.name not in used]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _without_traces(path: Path) -> None:
    """Take out where on a machine each node was traced: it says nothing about the network."""
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for part in (*graph.node, *graph.value_info, *graph.input, *graph.output, graph, model):
        part.doc_string = ""
        del part.metadata_props[:]
    onnx.save(model, path)
