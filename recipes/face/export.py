"""From the trained net to the shipped graph: raw grey faces in, calibrated logits and hidden vectors out."""

from __future__ import annotations

from pathlib import Path

import torch
from net import FaceNet
from torch import Tensor, nn


class Shipped(nn.Module):
    """Faces (n, 48, 48) uint8 -> logits (n, 8), hidden (n, 96)."""

    def __init__(self, net: FaceNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        logits, hidden = self.net(faces[:, None].float() / 255)
        return logits, hidden


@torch.no_grad()
def calibrate(net: FaceNet, prior: Tensor, tau: float, temperature: float) -> None:
    """Write the prior correction and the temperature into the last layer: (logits - tau log prior) / temperature."""
    net.head.weight.div_(temperature)
    net.head.bias.sub_(tau * prior.log().to(net.head.bias.dtype)).div_(temperature)


def export(net: FaceNet, path: Path) -> None:
    """Write one ONNX file with a free batch size."""
    example = torch.randint(0, 256, (2, 48, 48), dtype=torch.uint8)
    model = Shipped(net.to(memory_format=torch.contiguous_format)).eval()  # type: ignore[call-overload]
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


def _without_traces(path: Path) -> None:
    """Take out where on a machine each node was traced: it says nothing about the network."""
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for part in (*graph.node, *graph.value_info, *graph.input, *graph.output, graph, model):
        part.doc_string = ""
        del part.metadata_props[:]
    onnx.save(model, path)
