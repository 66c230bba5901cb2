"""A small run in a process of its own: `python run_made.py OUT WEIGHTS [--die STEP] [--resume] [--dropout SHARE] [--device D]`.

--die: the process is killed (SIGKILL) when the loss is computed for the STEP-th time.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import torch
from made import made, without

from mien.research.systems import assemble, system
from mien.research.training.processes import Processes
from mien.research.training.recipe import Group, Recipe, Stage
from mien.research.training.settings import Settings
from mien.research.training.state import pack
from mien.research.training.trainer import fit
from mien.research.training.weights import weights

parser = argparse.ArgumentParser()
parser.add_argument("out", type=Path)
parser.add_argument("weights", type=Path)
parser.add_argument("--die", type=int, default=0)
parser.add_argument("--resume", action="store_true")
parser.add_argument("--dropout", type=float, default=0.3)
parser.add_argument("--device", default="cpu")
args = parser.parse_args()
torch.set_num_threads(1)

data = without(made(n=60, signal=0.5), lambda place, name: place % 7 == 0 and name == "audio")
card = system("concat-mlp")
method = assemble(card, card.configure({"dropout": args.dropout, "hidden": 16}), data.shape(), seed=1)
first, *_ = method.recipe.stages
heads = (Group(3e-3, ("head", "absent")), Group(1e-3, kind="sgd", options={"momentum": 0.9}))
stages = (
    dataclasses.replace(first, epochs=3, schedule=lambda share: 1 - share / 2),
    Stage("second", 6, heads, patience=3, clip=1.0),
)
calls = 0


def losses(model, batch, output, config):
    global calls
    calls += 1
    if calls == args.die:
        os.kill(os.getpid(), signal.SIGKILL)
    return own(model, batch, output, config)


own = method.losses
method = dataclasses.replace(method, losses=losses, recipe=Recipe(stages, batch=8))
settings = Settings(seed=5, out=args.out, resume=args.resume, every=0.0, accumulate=2, quiet=True, device=args.device)
run = fit(method, data.samples[:44], data.samples[44:], settings)
if Processes(args.device).first:
    args.weights.write_bytes(pack({"weights": weights(method.model), "best": run.best, "machine": run.machine}))
