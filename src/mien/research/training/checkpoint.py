"""A trained system as a folder: config.json, model.safetensors, README.md written from the run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from mien import __version__
from mien.affect.space import Space
from mien.errors import InputError, MienError
from mien.files import read_bounded, write_atomic
from mien.research.samples import Shape, Task
from mien.research.training.method import Method
from mien.research.training.model_card import model_card
from mien.research.training.record import ADVICE, Run
from mien.research.training.state import read_bytes
from mien.research.training.weights import weights

FORMAT = 1
CONFIG, WEIGHTS, README = "config.json", "model.safetensors", "README.md"


@dataclass(frozen=True, slots=True)
class Folder:
    """What config.json says: system and its version, config as plain values, shape and space of the data, facts of the
    run (data, samples, seed, settings, best epochs), and the hash of the weights (SHA-256; "" where none is told)."""

    system: str
    version: int
    config: Mapping[str, Any]
    shape: Shape
    space: Space
    run: Mapping[str, Any] = field(default_factory=dict)
    weights: str = ""


def save_pretrained(
    path: Path | str, method: Method, space: Space, run: Run | None = None, *, data: str = "", notes: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the folder, config.json last: it has the hash of the weights, so that only a whole folder is read.

    data: name of the data it was trained on; notes: further Markdown for the model card (scores on test data);
    facts: further plain values for `Folder.run`, such as how the features were made.
    InputError where the folder cannot be written.
    """
    folder = Path(path)
    known: dict[str, Any] = {"data": data, **(facts or {})}
    if run:
        known |= {
            "samples": run.samples,
            "held": run.held,
            "seed": run.seed,
            "best": run.best,
            "selected": run.selected,
            "settings": run.settings,
            "machine": run.machine,
        }
    saved = save(weights(method.model), {"format": "pt"})
    told = {
        "format": FORMAT,
        "mien": __version__,
        "system": method.name,
        "version": method.version,
        "config": dataclasses.asdict(method.config),
        "shape": dataclasses.asdict(method.shape),
        "space": dataclasses.asdict(space),
        "run": known,
        "weights": hashlib.sha256(saved).hexdigest(),
    }
    write_atomic(folder / README, model_card(method, space, run, data, notes), ADVICE)
    write_atomic(folder / WEIGHTS, saved, ADVICE)
    write_atomic(folder / CONFIG, json.dumps(told, indent=1, ensure_ascii=False) + "\n", ADVICE)


def read_folder(path: Path | str) -> Folder:
    """What config.json of a trained system says; InputError where it is none, or of another version of the format."""
    at = Path(path) / CONFIG
    if not at.is_file():
        raise InputError(path, "", f"is no trained system: it has no {CONFIG}; train one with `mien train`")
    try:
        told = json.loads(read_bounded(at, 16 << 20))
        if told["format"] != FORMAT:
            raise InputError(at, "", f"is of format {told['format']}, this Mien reads {FORMAT}; train again")
        space = {**told["space"], "labels": tuple(told["space"]["labels"])}
        space["reversed"] = tuple(space.get("reversed", ()))
        return Folder(
            told["system"], told["version"], told["config"], _shape(told["shape"]), Space(**space),
            _dict(told, "run"), told.get("weights", ""),
        )  # fmt: skip
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, MienError) as error:
        why = f"{error}" if isinstance(error, MienError) else f"{type(error).__name__}: {error}"
        raise InputError(at, "", f"is no config of a trained system ({why}); copy it again or train again") from None


def check_same(path: Path | str, system: str, config: Any, data: str, settings: Mapping[str, Any]) -> None:
    """InputError naming what differs where the folder is no run of that system and data so configured and set."""
    told = read_folder(path)
    kept = {"system": told.system, "data": told.run.get("data"), "config": told.config, **told.run.get("settings", {})}
    now = {"system": system, "data": data, "config": json.loads(json.dumps(dataclasses.asdict(config))), **settings}
    for name, value in now.items():
        if kept.get(name) != value:
            raise InputError(
                Path(path) / CONFIG, "",
                f"is of another run: its {name} is {kept.get(name)}, asked for is {value}; choose another --out",
            )  # fmt: skip


def _shape(told: Mapping[str, Any]) -> Shape:
    """The shape, whose widths and lengths must be whole numbers: models are built from them."""
    shape = Shape(**told)
    sizes = [*shape.widths.values(), *shape.longest.values(), shape.outputs]
    if not all(isinstance(size, int) and size > 0 for size in sizes) or shape.task not in get_args(Task):
        raise ValueError(f"its shape is {dict(told)}")
    return shape


def _dict(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name, {})
    if not isinstance(found, dict):
        raise TypeError(f"{name} is no table")
    return found


def read_weights(path: Path | str, wanted: str = "") -> dict[str, Tensor]:
    """The tensors of model.safetensors; InputError where they are missing, broken or not those of the hash `wanted`."""
    at = Path(path) / WEIGHTS
    data = read_bytes(at)
    try:
        found = load(data)
    except SafetensorError as error:
        raise InputError(at, "", f"is no safetensors file ({error}); copy it again or train again") from None
    if wanted and hashlib.sha256(data).hexdigest() != wanted:
        raise InputError(at, "", f"is not what {CONFIG} was written with; copy both again or train again")
    return found
