"""The checkpoint from which a stopped run goes on to the same bits."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

from mien import __version__
from mien.errors import InputError
from mien.research.training.optimisers import optimisers, parameters
from mien.research.training.record import Row
from mien.research.training.state import pack, random_state, read_bytes, set_random_state, unpack
from mien.research.training.weights import load_weights, weights

if TYPE_CHECKING:
    from mien.research.training.trainer import _Fit

NAME = "resume.safetensors"
PARTS = ".mien-*.part"
"""What `write_atomic` names a file that is not whole yet."""


@dataclass(slots=True)
class State:
    """Where a run is: all that a checkpoint holds beside weights, optimisers and generators.

    taken: steps done in the current epoch; sums: its losses so far; stale: epochs since the best; slower: factor that
    plateaus have put on every rate; best: score, epoch and weights of the stage's best.
    """

    stage: int = 0
    epoch: int = 0
    taken: int = 0
    stale: int = 0
    slower: float = 1.0
    seconds: float = 0.0
    sums: dict[str, float] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    chosen: dict[str, int] = field(default_factory=dict)
    best: tuple[float, int, dict[str, Tensor]] | None = None


def identity(fit: _Fit) -> dict[str, Any]:
    """What must be the same for a run to go on: system, configuration, shape, samples, settings that change results."""
    told = {
        "system": fit.method.name,
        "version": fit.method.version,
        "config": dataclasses.asdict(fit.method.config),
        "shape": dataclasses.asdict(fit.method.shape),
        "settings": fit.settings.counted(),
        "samples": fit.samples,
        "processes": fit.processes.count,
    }
    same: dict[str, Any] = json.loads(json.dumps(told))
    return same


def state_of(fit: _Fit) -> bytes:
    """The whole state as the bytes of one file."""
    state = fit.state
    return pack(
        {
            "mien": __version__,
            "identity": json.dumps(identity(fit)),
            "state": {entry.name: getattr(state, entry.name) for entry in dataclasses.fields(state)},
            "weights": weights(fit.model),
            "optimisers": [one.state_dict() for one in fit.optimisers],
            "random": random_state(),
        }
    )


def read(fit: _Fit) -> bool:
    """Put back what the last checkpoint of this run holds; False where there is none yet.

    InputError naming what differs where the checkpoint is of another system, configuration, data or seed.
    """
    assert fit.settings.out is not None
    path = fit.settings.out / NAME
    for part in fit.settings.out.glob(PARTS) if fit.processes.first else ():
        part.unlink(missing_ok=True)  # what a run that was killed while it wrote has left
    if not path.exists():
        return False
    found = unpack(read_bytes(path), path)
    kept, now = json.loads(found["identity"]), identity(fit)
    for name in now:
        if kept.get(name) != now[name]:
            told = (
                "the samples differ"
                if name == "samples"
                else f"its {name} is {kept.get(name)}, asked for is {now[name]}"
            )
            raise InputError(path, "", f"is of another run: {told}; choose another --out or leave --resume out")
    for name, value in found["state"].items():
        setattr(fit.state, name, value)
    load_weights(fit.model, found["weights"])
    stage = fit.method.recipe.stages[fit.state.stage]
    if found["optimisers"]:
        fit.optimisers = optimisers(fit.model, stage.groups)
        fit.moved = parameters(fit.optimisers)
        for one, state in zip(fit.optimisers, found["optimisers"], strict=True):
            one.load_state_dict(state)
    set_random_state(found["random"])
    return True
