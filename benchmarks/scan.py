"""Time and memory of the selective scan, forward and backward, against other people's plain PyTorch scans.

    python benchmarks/scan.py [--reference selective_scan_interface.py] [--parallel pscan.py] [--rounds 5]

--reference: that file of state-spaces/mamba (its `selective_scan_ref` is taken out and run as it is); --parallel:
mambapy/pscan.py of alxndrTL/mamba.py. Both are fetched by whoever runs this. All see the same numbers in the same
process, by turns; the median of the rounds counts, answers and gradients are compared first. The sizes are those of the
inner channels of a block (batch, channels, states, steps); the reference is left out where one backward pass would take
minutes. The last column of the table of lengths is time against the time of a quarter of the steps: 4 is linear.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from common import save, table

from mien.research.layers.scan import selective_scan

SIZES = [(16, 256, 16, 16), (16, 256, 16, 64), (8, 256, 16, 256), (8, 256, 16, 1024)]
LENGTHS = (256, 1024, 4096)
Scan = Callable[..., torch.Tensor]


def ours(u, delta, a, b, c):
    return selective_scan(u, delta, a, b, c)[0]


def reference(path: Path) -> Scan:
    """The function alone: the rest of its file needs a compiled extension."""
    tree = ast.parse(path.read_text())
    (found,) = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "selective_scan_ref"]
    names: dict[str, Any] = {"torch": torch, "F": torch.nn.functional}
    exec(compile(ast.Module([found], []), str(path), "exec"), names)

    def run(u, delta, a, b, c):
        turned = [values.transpose(1, 2) for values in (u, delta)]
        found = names["selective_scan_ref"](*turned, a, b.transpose(1, 2), c.transpose(1, 2))
        return found.transpose(1, 2)

    return run


def parallel(path: Path) -> Scan:
    spec = importlib.util.spec_from_file_location("pscan", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["pscan"] = module
    spec.loader.exec_module(module)

    def run(u, delta, a, b, c):
        decay = torch.exp(delta.unsqueeze(-1) * a)
        gain = delta.unsqueeze(-1) * b.unsqueeze(2) * u.unsqueeze(-1)
        return (module.pscan(decay, gain) @ c.unsqueeze(-1)).squeeze(3)

    return run


def drawn(n: int, channels: int, state: int, steps: int) -> list[torch.Tensor]:
    torch.manual_seed(0)
    u, delta = torch.randn(n, steps, channels), torch.nn.functional.softplus(torch.randn(n, steps, channels) - 3)
    a = -torch.arange(1, state + 1.0).repeat(channels, 1)
    return [u, delta, a, torch.randn(n, steps, state), torch.randn(n, steps, state)]


def once(scan: Scan, given: list[torch.Tensor]) -> tuple[float, float, list[torch.Tensor]]:
    """Seconds forward and backward, and what came out: the answer and the gradients."""
    given = [values.clone().requires_grad_() for values in given]
    began = time.perf_counter()
    y = scan(*given)
    middle = time.perf_counter()
    y.square().sum().backward()
    end = time.perf_counter()
    return middle - began, end - middle, [y.detach(), *(values.grad for values in given)]


def gap(one: list[torch.Tensor], other: list[torch.Tensor]) -> float:
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(one, other, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path)
    parser.add_argument("--parallel", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    scans: dict[str, Scan] = {"mien": ours}
    if chosen.reference:
        scans["reference"] = reference(chosen.reference)
    if chosen.parallel:
        scans["parallel"] = parallel(chosen.parallel)
    rows = []
    for size in SIZES:
        given = drawn(*size)
        here = {name: one for name, one in scans.items() if name != "reference" or size[3] <= 256}
        apart = {name: gap(once(one, given)[2], once(ours, given)[2]) for name, one in here.items()}
        assert max(apart.values()) < 1e-3, apart
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in here}
        for _ in range(chosen.rounds):
            for name, one in here.items():
                took[name].append(once(one, given)[:2])
        both = {name: median(ahead + back for ahead, back in each) for name, each in took.items()}
        for name, each in took.items():
            ahead, back = (median(part) for part in zip(*each, strict=True))
            row = {
                "size": size,
                "scan": name,
                "forward_s": ahead,
                "backward_s": back,
                "times_mien": both[name] / both["mien"],
            }
            rows.append(row | {"gap": apart[name]})
    table(
        ["batch, channels, states, steps", "scan", "forward ms", "backward ms", "both / ours", "gap"],
        [[*(str(r["size"])[1:-1], r["scan"], r["forward_s"] * 1e3, r["backward_s"] * 1e3, r["times_mien"]), f"{r['gap']:.1e}"]
         for r in rows],
    )  # fmt: skip
    growth = lengths(chosen.rounds)
    save("scan", {"sizes": rows, "lengths": growth, "threads": 1, "torch": torch.__version__})


def lengths(rounds: int) -> list[dict[str, Any]]:
    """How time grows with the steps; the best round counts, as other work on the machine only adds."""
    rows, before = [], 0.0
    for steps in LENGTHS:
        given = drawn(2, 256, 16, steps)
        took = min(sum(once(ours, given)[:2]) for _ in range(3 * rounds))
        rows.append({"steps": steps, "seconds": took, "times_quarter": took / before if before else None})
        before = took
    print()
    table(
        ["steps", "ms", "time / a quarter's"],
        [[r["steps"], r["seconds"] * 1e3, r["times_quarter"] or "-"] for r in rows],
    )
    return rows


if __name__ == "__main__":
    main()
