"""Epoch time of the trainer against a bare PyTorch loop of the same model, in the same process; wanted: at most 1.1.

    python benchmarks/trainer.py [--rounds 5] [--systems concat-mlp,mult]

Both loops see the same samples in batches of the same size and select on the same validation part each epoch; the bare
loop has its samples padded and stacked beforehand (vectors), or is a `DataLoader` with `collate` (sequences), and does
nothing but forward, loss, backward, step, with the same optimiser in one pass over all weights (`fused`; PyTorch's
default loops over them). Each round runs both, one after the other; times are medians over all epochs but each round's
first. The ratio that counts is that of CPU time (one thread): other work on the machine touches it least.
"With files" also writes log.csv after each epoch (and a checkpoint a minute), to disk.
Made-up data: the time does not depend on what the numbers are.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from common import save, table
from torch.utils.data import DataLoader

from mien.affect.space import SPACES
from mien.research.batch import Batch, collate
from mien.research.samples import Data, Sample
from mien.research.systems import assemble, system
from mien.research.training.method import Method
from mien.research.training.settings import Settings
from mien.research.training.trainer import fit

WIDTHS = {"text": 300, "audio": 74, "face": 35}
SETS = {"vectors": (2000, 1, 1), "sequences": (160, 5, 20)}
"""name -> samples, least and most steps."""


def made(kind: str) -> Data:
    count, least, most = SETS[kind]
    rng = np.random.default_rng(0)
    samples = tuple(
        Sample(
            f"s{at}",
            f"g{at}",
            {m: rng.normal(size=(int(rng.integers(least, most + 1)), w)).astype(np.float32) for m, w in WIDTHS.items()},
            int(rng.integers(7)),
        )
        for at in range(count)
    )
    return Data(kind, SPACES["basic7"], "class", samples)


def bare_batches(samples: list[Sample], method: Method, size: int, stacked: bool, shuffled: bool):
    """A function that yields the batches of one epoch, as a person would write it."""
    if not stacked:
        rows = list(range(len(samples)))
        loader = DataLoader(
            rows,
            size,
            shuffle=shuffled,
            collate_fn=lambda part: collate([samples[i] for i in part], method.shape, part),
        )
        return lambda: loader
    whole = collate(samples, method.shape)

    def epoch():
        order = torch.randperm(len(samples)) if shuffled else torch.arange(len(samples))
        for at in order.split(size):
            yield Batch(
                {name: values[at] for name, values in whole.inputs.items()},
                {name: mask[at] for name, mask in whole.masks.items()},
                whole.target[at], whole.groups[at], whole.places[at], tuple(str(one) for one in at.tolist()), at,
                whole.speakers[at],
            )  # fmt: skip

    return epoch


def bare(
    method: Method, train: list[Sample], valid: list[Sample], size: int, epochs: int, stacked: bool
) -> list[float]:
    """Seconds of each epoch."""
    model = method.model
    stage = method.recipe.stages[0]
    learn, held = (bare_batches(part, method, size, stacked, part is train) for part in (train, valid))
    group = stage.groups[0]
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[group.kind]
    optimiser = kind(model.parameters(), lr=group.rate, weight_decay=group.decay, fused=True)
    clock = [now()]
    for _ in range(epochs):
        model.train()
        for batch in learn():
            optimiser.zero_grad(set_to_none=True)
            loss = sum(method.losses(model, batch, model(batch), method.config).values())
            loss.backward()
            if stage.clip is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), stage.clip)
            if stage.clip_value is not None:
                torch.nn.utils.clip_grad_value_(model.parameters(), stage.clip_value)
            optimiser.step()
        model.eval()
        with torch.no_grad():
            for batch in held():
                model(batch)
        clock.append(now())
    return between(clock)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--systems", default="linear,concat-mlp,misa,mult")
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name in args.systems.split(","):
        for kind in SETS:
            if name == "mult" and kind == "vectors":
                continue
            rows.append(measure(name, made(kind), args.rounds, args.epochs))
            print(rows[-1], file=sys.stderr, flush=True)
    header = list(rows[0])
    table(header, [[row[name] for name in header] for row in rows])
    save("trainer", {"rows": rows, "rounds": args.rounds, "epochs": args.epochs, "torch": torch.__version__}, seed=0)


def trained(method: Method, train: list[Sample], valid: list[Sample], settings: Settings) -> list[tuple[float, float]]:
    """CPU and wall seconds of each epoch, from one to the next: all that the trainer does between is in them."""
    clock: list[tuple[float, float]] = []
    stage = method.recipe.stages[0]
    stage = dataclasses.replace(stage, fresh=lambda model, epoch: clock.append(now()))
    method = dataclasses.replace(method, recipe=dataclasses.replace(method.recipe, stages=(stage,)))
    fit(method, train, valid, settings)
    return between([*clock, now()])


def now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def between(clock: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(clock)]


def measure(name: str, data: Data, rounds: int, epochs: int) -> dict[str, Any]:
    card, cut = system(name), len(data.samples) * 4 // 5
    train, valid = list(data.samples[:cut]), list(data.samples[cut:])
    times: dict[str, list[tuple[float, float]]] = {"bare": [], "trainer": [], "with files": []}
    for seed in range(rounds):
        for which in times:
            method = assemble(card, card.configure(), data.shape(), seed=seed)
            if which == "bare":
                seconds = bare(method, train, valid, method.recipe.batch, epochs, stacked=data.name == "vectors")
            else:
                with tempfile.TemporaryDirectory() as folder:
                    out = Path(folder) if which == "with files" else None
                    seconds = trained(
                        method, train, valid, Settings(seed=seed, epochs=epochs, quiet=True, device="cpu", out=out)
                    )
            times[which] += seconds[1:]
    row: dict[str, Any] = {"system": name, "data": data.name}
    row["parameters"] = sum(values.numel() for values in method.model.parameters())
    for which, pairs in times.items():
        row[f"{which}, CPU ms"] = round(1000 * median(cpu for cpu, _ in pairs), 2)
        row[f"{which}, wall ms"] = round(1000 * median(wall for _, wall in pairs), 2)
    row["ratio of CPU"] = round(row["trainer, CPU ms"] / row["bare, CPU ms"], 3)
    row["ratio of wall"] = round(row["trainer, wall ms"] / row["bare, wall ms"], 3)
    return row


if __name__ == "__main__":
    main()
