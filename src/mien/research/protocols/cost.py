"""Cost of each system: parameters, multiply-adds, time, memory, energy where the machine tells; nothing is trained."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mien.errors import RequestError
from mien.research.protocols.plan import told
from mien.research.protocols.scores import Row
from mien.research.protocols.trial import Entrant
from mien.research.samples import Data

_RAPL = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


@dataclass(frozen=True, slots=True)
class Cost:
    """Figures for batches of the first samples; weights as drawn, since training changes none of these numbers."""

    name: ClassVar[str] = "cost"
    summary: ClassVar[str] = "Parameters, multiply-adds, latency, memory, energy."
    batches: tuple[float, ...] = told("Samples (dialogues) a batch.", (1.0, 32.0))
    repeats: int = told("Timed forward passes, after five that are not.", 30)

    def rows(self, entrants: Sequence[Entrant], data: Data, device: str = "cpu") -> list[Row]:
        """Rows of kind "cost"; parameters and MACs are exact counts, times medians with their 5-95 % range."""
        if self.repeats < 1 or any(size < 1 or size % 1 for size in self.batches):
            raise RequestError("repeats and batches must be whole numbers of 1 or more")
        return [row for entrant in entrants for row in self._rows(entrant, data, device)]

    def _rows(self, entrant: Entrant, data: Data, where: str) -> list[Row]:
        from mien.research.systems import assemble
        from mien.research.training.feed import Feed
        from mien.research.training.processes import Processes

        device = Processes(where).device
        method = assemble(entrant.card, entrant.config(), data.shape())
        method.model.to(device).eval()
        feed = Feed(data.samples, method.shape, dialogue=method.inputs == "dialogue", device=device)
        parameters = list(method.model.parameters())
        found = [
            _row(entrant.label, "model", "parameters", float(sum(one.numel() for one in parameters))),
            _row(entrant.label, "model", "weights MB", sum(one.nbytes for one in parameters) / 1e6),
        ]
        for size in map(int, self.batches):
            batch = feed.batch(feed.order(size)[0])
            told_size = f"batch of {size}" if method.inputs != "dialogue" else f"{size} dialogues"
            found += self._batch(entrant.label, told_size, partial(method.model, batch), device, len(batch))
        return found

    def _batch(self, label: str, where: str, call: Callable[[], Any], device: Any, n: int) -> list[Row]:
        import torch

        with torch.no_grad():
            found = [_row(label, where, "MACs an item", macs(call) / n, n)]
            found.append(_row(label, where, "peak memory MB", peak_bytes(call, device) / 1e6, n))
            for _ in range(5):
                call()
            times, joules = [], _energy()
            for _ in range(self.repeats):
                began = time.perf_counter()
                call()
                if device.type == "cuda":
                    torch.cuda.synchronize(device)
                times.append(1000 * (time.perf_counter() - began))
            used = _energy()
        span = (float(np.quantile(times, 0.05)), float(np.quantile(times, 0.95)))
        found.append(_row(label, where, "latency ms", float(np.median(times)), n, span))
        if joules is not None and used is not None and used >= joules:
            found.append(_row(label, where, "energy mJ an item", 1000 * (used - joules) / self.repeats / n, n))
        return found


def macs(call: Callable[[], Any]) -> float:
    """Multiply-adds of one call: matrix products, convolutions and attention, and what recurrent layers do.

    Element-wise work is not counted, as is usual.
    """
    from torch import nn
    from torch.utils.flop_counter import FlopCounterMode

    unseen: list[float] = []
    began: list[int] = []

    def after(module: Any, given: Any, _: Any) -> None:
        if not isinstance(module, nn.RNNBase) or counter.get_total_flops() > began.pop():
            return  # some kinds of recurrent layer are matrix products to the counter, others are nothing
        first = given[0].data if hasattr(given[0], "batch_sizes") else given[0]
        steps = first.shape[0] if hasattr(given[0], "batch_sizes") else int(np.prod(first.shape[:-1]))
        unseen.append(float(steps * sum(v.numel() for n, v in module.named_parameters() if n.startswith("weight"))))

    def before(module: Any, _: Any) -> None:
        if isinstance(module, nn.RNNBase):
            began.append(counter.get_total_flops())

    handles = [
        nn.modules.module.register_module_forward_pre_hook(before),
        nn.modules.module.register_module_forward_hook(after),
    ]
    try:
        with FlopCounterMode(display=False) as counter:
            call()
    finally:
        for handle in handles:
            handle.remove()
    return float(counter.get_total_flops() / 2 + sum(unseen))


def peak_bytes(call: Callable[[], Any], device: Any) -> float:
    """The most bytes that new tensors of one call held at once (activations; weights are not among them)."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        call()
        return float(torch.cuda.max_memory_allocated(device) - before)
    held = {"now": 0, "most": 0}
    known: set[int] = set()

    def gone(key: int, size: int) -> None:
        known.discard(key)
        held["now"] -= size

    class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            for one in tree_leaves((args, kwargs)):
                if isinstance(one, torch.Tensor):
                    known.add(one.untyped_storage().data_ptr())  # weights and inputs are no new tensors
            output = func(*args, **(kwargs or {}))
            for one in output if isinstance(output, tuple | list) else (output,):
                if isinstance(one, torch.Tensor):
                    store = one.untyped_storage()
                    key, size = store.data_ptr(), store.nbytes()
                    if size and key not in known:
                        known.add(key)
                        held["now"] += size
                        held["most"] = max(held["most"], held["now"])
                        weakref.finalize(store, gone, key, size)
            return output

    with Watch():  # type: ignore[no-untyped-call]
        call()
    return float(held["most"])


def _energy() -> float | None:
    """Joules that the processor has counted, None where it does not tell."""
    try:
        return int(_RAPL.read_text()) / 1e6
    except (OSError, ValueError):
        return None


def _row(label: str, where: str, name: str, value: float, n: int = 0, span: tuple[float, float] | None = None) -> Row:
    return Row(label, where, name, "lower", "cost", value, interval=span, n=n)
