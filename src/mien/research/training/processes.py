"""One process or several (`accelerate launch`, `torchrun`): who takes which samples, whose gradients are added."""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from mien.errors import MissingExtra, RequestError
from mien.research.training.feed import Feed, Rows


class Processes:
    """count: processes of this run; first: whether this one speaks and writes; device: where this one computes.

    Several processes share each batch, so that their steps are those of one process that has the whole batch (but for
    losses that compare samples with each other: they see the samples of one process). Gradients are added after the
    backward pass and not by a wrapper around the model, so losses may call the model's parts as they like.
    """

    def __init__(self, device: str) -> None:
        self.count, self.first, self.rank = 1, True, 0
        self._engine: Any = None
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            try:
                from accelerate import Accelerator
            except ImportError:
                raise MissingExtra("train", "several processes need accelerate") from None
            self._engine = Accelerator(cpu=_device(device).type == "cpu")  # told nothing, each would train alone
            self.count, self.rank = self._engine.num_processes, self._engine.process_index
            self.first = self._engine.is_main_process
            self.device: torch.device = self._engine.device
            atexit.register(_leave)
            return
        self.device = _device(device)

    @property
    def told(self) -> str:
        """In words."""
        return f"{self.count} processes, {self.device.type}" if self.count > 1 else self.device.type

    def half(self, precision: str) -> bool:
        """Whether that precision is bf16 here."""
        if precision == "auto":
            return self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        return precision == "bf16"

    def share(self, rows: Rows, feed: Feed) -> Rows:
        """This process's part of a batch: every so-many-th unit (sample or dialogue)."""
        return rows if self.count == 1 else feed.part(rows, self.rank, self.count)

    def agree(self, model: nn.Module) -> None:
        """Weights and buffers of the first process for all: what one of them keeps by itself (running means) goes."""
        if self.count == 1:
            return
        from accelerate.utils import broadcast

        with torch.no_grad():
            for values in model.state_dict().values():
                values.copy_(broadcast(values.clone()))

    def add_gradients(self, moved: Sequence[nn.Parameter]) -> None:
        """Replace each gradient by its sum over all processes."""
        if self.count == 1:
            return
        flat = torch.cat([(one.grad if one.grad is not None else torch.zeros_like(one)).flatten() for one in moved])
        flat = self._engine.reduce(flat, "sum")
        for one, part in zip(moved, flat.split([one.numel() for one in moved]), strict=True):
            one.grad = part.view_as(one).clone()

    def add(self, values: dict[str, float]) -> dict[str, float]:
        """Sums over all processes; a name that one of them lacks counts 0 there."""
        if self.count == 1:
            return values
        from accelerate.utils import gather_object

        told = gather_object([values])
        return {name: sum(one.get(name, 0.0) for one in told) for one in told for name in one}


def _leave() -> None:
    """End the group before the interpreter ends: threads of it that still run then abort the process."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(name)
        torch.zeros(0, device=found)
    except (RuntimeError, AssertionError) as error:
        raise RequestError(
            f"no device {name!r} here ({str(error).splitlines()[0]}); allowed: auto, cpu, cuda"
        ) from None
    return found
