"""A model's weights out and in."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mien.errors import RequestError


def weights(model: nn.Module) -> dict[str, Tensor]:
    """Copies of parameters and saved buffers on the CPU, by name."""
    return {name: values.detach().cpu().clone().contiguous() for name, values in model.state_dict().items()}


def load_weights(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put them back. A buffer may have grown in training (one row a sample); a parameter must have its own shape.

    RequestError naming what is missing, unknown or of another shape.
    """
    own = model.state_dict()
    if wrong := sorted(set(own) ^ set(tensors)):
        raise RequestError(
            f"these weights are of another model: {', '.join(wrong[:5])} {'are' if wrong[1:] else 'is'} not in both"
        )
    grown = {name for name in tensors if own[name].shape != tensors[name].shape}
    for name in own:
        if name in grown - {buffer for buffer, _ in model.named_buffers()}:
            want, got = tuple(own[name].shape), tuple(tensors[name].shape)
            raise RequestError(f"weights of another shape: {name} must be {want}, got {got}")
    with torch.no_grad():
        for name, values in tensors.items():
            if name in grown:
                home, _, last = name.rpartition(".")
                setattr(model.get_submodule(home), last, values.clone().to(own[name].device, own[name].dtype))
            else:
                own[name].copy_(values)
